export { type BadRow, BrokenRow } from './bad-row.js'
export type { Entry, LocalFile, NamedEntry, StoredAsset } from './entry.js'
export { type Code, type ErrorFacts, type Scope, SyncError } from './errors.js'
export { exitCodeOf } from './exit-code.js'
export type { Summary } from './flow/summary.js'
export { type Kind, kinds } from './kinds.js'
export { nearestTo } from './nearest.js'
export type { Observer, Retrying } from './observer.js'
export {
  flagOf,
  type Group,
  type OptionName,
  type Options,
  type OriginSection,
  type Row,
  table,
} from './options.js'
export { readOrigins } from './origin-options.js'
export { type Failed, type Outcome, type Planned, type Skipped, type Stored, toLine } from './outcome.js'
export { plan } from './plan.js'
export { type Preset, presets } from './presets.js'
export { readOption } from './read-option.js'
export { redactText, redactUrl } from './redact.js'
export type { Progress, Run, RunOptions, Source } from './run.js'
export { type Format, type ManifestOptions, manifest } from './sources/manifest.js'
export { sync } from './sync.js'
export { formatDuration, formatRate, formatRateOf, formatSize } from './units.js'
