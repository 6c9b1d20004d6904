export { type BadRow, BrokenRow } from './bad-row.js'
export type { BareRow, Echoed, ExtraOf, Hopeful, Wish, WithoutUrl } from './echo.js'
export type { Entry, LocalFile, NamedEntry, StoredAsset } from './entry.js'
export { type Code, type ErrorFacts, type Scope, SyncError } from './errors.js'
export { escapeControls } from './escape.js'
export { exitCodeOf } from './exit-code.js'
export type { Summary } from './flow/summary.js'
export type { FailureLimit, Tally } from './flow/tally.js'
export type { DigestName, Integrity } from './integrity.js'
export type { ClockTerms, Dimension } from './ledger/terms.js'
export { nearestTo } from './nearest.js'
export type { Observer, PoolChange, Retrying } from './observer.js'
export type { Options, OriginSection } from './options/given.js'
export { type Kind, kinds } from './options/kinds.js'
export type {
  OriginTable,
  OwnOptionInput,
  OwnOptionName,
  OwnOptionValues,
} from './options/origin-table.js'
export { type OriginOptions, readOrigins } from './options/origins.js'
export type { QuotaLimit } from './options/pool-kinds.js'
export { type Preset, presets } from './options/presets.js'
export type { Provider } from './options/providers.js'
export { readOption } from './options/read-option.js'
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
} from './options/table.js'
export type { UnitCost } from './options/unit-costs.js'
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
export type { Snapshot } from './pool/keeper.js'
export type { Claimant, Cost, Grant, RatePool } from './rate/rate-pool.js'
export type { Timetable } from './rate/timetable.js'
export { redactText, redactUrl } from './redact.js'
export type { NativeOptions } from './run/context.js'
export { operatePool, type PoolOperator, type PoolStatus } from './run/operate-pool.js'
export { plan } from './run/plan.js'
export type { Progress, Run, RunOptions, Source } from './run/start-run.js'
export { sync } from './run/sync.js'
export type { AssetFacts, Sink, SinkContext, StoredFile, Upload } from './sink.js'
export { type Format, type ManifestOptions, manifest } from './sources/manifest.js'
export { formatDuration, formatRate, formatRateOf, formatSize } from './units.js'
