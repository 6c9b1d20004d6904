export {
  type BadRow,
  BrokenRow,
  type Entry,
  type LocalFile,
  type NamedEntry,
  type StoredAsset,
} from './entry.js'
export { type Code, type ErrorFacts, type Scope, SyncError } from './errors.js'
export { exitCodeOf } from './exit-code.js'
export type { Summary } from './flow/summary.js'
export { type Kind, kinds } from './kinds.js'
export { flagOf, type OptionName, type Options, type Row, readOption, table } from './options.js'
export { type Failed, type Outcome, type Skipped, type Stored, toLine } from './outcome.js'
export { redactText, redactUrl } from './redact.js'
export { type Format, type ManifestOptions, manifest } from './sources/manifest.js'
export { type Progress, type Run, type Source, type SyncOptions, sync } from './sync.js'
export { formatDuration, formatRate, formatSize } from './units.js'
