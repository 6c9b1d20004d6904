export {
  type OpenFileSink,
  type OpenFileSinkOptions,
  openFileSink,
  type WritableOptions,
} from '../files/open-file-sink.js'
export type { AssetFacts, Sink, SinkContext, StoredFile, Upload } from '../sink.js'
