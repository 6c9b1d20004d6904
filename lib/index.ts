export { type BadRow, BrokenRow } from './bad-row.js'
export type { NativeOptions } from './context.js'
export type { ExtraOf } from './echo.js'
export type { Entry, LocalFile, NamedEntry, StoredAsset } from './entry.js'
export { type Code, type ErrorFacts, type Scope, SyncError } from './errors.js'
export { exitCodeOf } from './exit-code.js'
export type { Summary } from './flow/summary.js'
export type { Tally } from './flow/tally.js'
export type { Options, OriginSection } from './given-options.js'
export type { DigestName, Integrity } from './integrity.js'
export { type FailureLimit, type Kind, kinds } from './kinds.js'
export { nearestTo } from './nearest.js'
export type { Observer, Retrying } from './observer.js'
export {
  flagOf,
  type Group,
  type OptionInput,
  type OptionName,
  type OptionValues,
  type OriginOptionName,
  type Row,
  type Table,
  table,
} from './options.js'
export { type OriginOptions, readOrigins } from './origin-options.js'
export {
  type Echo,
  type Failed,
  type Failure,
  type Item,
  type Outcome,
  type Planned,
  type Skipped,
  type Stored,
  toLine,
  type UnchangedBy,
} from './outcome.js'
export { plan } from './plan.js'
export { type Preset, presets } from './presets.js'
export type { Claimant, Cost, Grant, RatePool } from './rate/rate-pool.js'
export type { Timetable } from './rate/timetable.js'
export { readOption } from './read-option.js'
export { redactText, redactUrl } from './redact.js'
export type { Progress, Run, RunOptions, Source } from './run.js'
export type { AssetFacts, Sink, SinkContext, StoredFile, Upload } from './sink.js'
export { type Format, type ManifestOptions, manifest } from './sources/manifest.js'
export { sync } from './sync.js'
export { formatDuration, formatRate, formatRateOf, formatSize } from './units.js'
