// Made by `npm run docs` from the table in table.ts.

import type { OwnOptionInput } from './origin-table.js'
import type { OptionInput, OriginOptionName } from './table.js'

/** Options of one origin; its limits, and those of its pool, hold besides those of the run, the others in their place. */
export type OriginSection = Pick<Options, OriginOptionName> & {
  /** Limits and costs as the provider gives them: google-drive, box or dropbox; what is given besides wins. Expects google-drive, box or dropbox. */
  provider?: OwnOptionInput<'provider'> | undefined
  /** Units of the provider's own per unit of time, for all. Expects a number of units such as 100, 1000000/m or off. */
  unitlimit?: OwnOptionInput<'unitlimit'> | undefined
  /** Units that one user may use at most. Expects a number of units such as 100, 1000000/m or off. */
  userUnitlimit?: OwnOptionInput<'userUnitlimit'> | undefined
  /** Units that a request costs, by method and path; 1 where nothing is said. Expects units by request, such as { "GET /v3/files/*?alt=media": 200, "/**": 5 }. */
  unitCosts?: OwnOptionInput<'unitCosts'> | undefined
  /** Whom a Retry-After, a 429 or a 503 holds up: all of the pool, which is the default, or the user whose request it was. Expects pool or user. */
  pushBack?: OwnOptionInput<'pushBack'> | undefined
}

/** Options of a run: as text, as on the command line, or as a number where that says enough. */
export type Options = {
  /** Root of the stored tree; created if absent. Flag: `--out`. */
  out: OptionInput<'out'>
  /** Manifest format: auto, json, ndjson, urls or tsv. Default: `auto`. Flag: `--format`. */
  format?: OptionInput<'format'> | undefined
  /** Where entries are inside one JSON document: dotted keys, * for every element or value. Flag: `--select`. */
  select?: OptionInput<'select'> | undefined
  /** Names entries that have no path of their own. Default: `{host}{pathname}`. Flag: `--path`. */
  path?: OptionInput<'path'> | undefined
  /** Assets in flight in all. Default: `10`. Flag: `--concurrency`. */
  concurrency?: OptionInput<'concurrency'> | undefined
  /** Assets in flight per origin. Default: `6`. Flag: `--per-origin`. */
  perOrigin?: OptionInput<'perOrigin'> | undefined
  /** Cap on everything received, for the whole run. Expects a rate such as 50mbit or off, or a timetable such as "08:00,10mbit 19:00,off"; a number is bytes per second. Default: `off`. Flag: `--bwlimit`. */
  bwlimit?: OptionInput<'bwlimit'> | undefined
  /** Size of a paced range. Expects a size such as 64KiB, auto or off; a number is bytes. Default: `auto`. Flag: `--segment`. */
  segment?: OptionInput<'segment'> | undefined
  /** Requests per unit of time, HEADs, redirects and segments included. Expects a number of requests such as 10, 600/m, 12000/h or off; a number is per second. Default: `off`. Flag: `--tpslimit`. */
  tpslimit?: OptionInput<'tpslimit'> | undefined
  /** Share bwlimit, tpslimit and quota with other processes: redis://HOST, rediss://HOST, unix:PATH or local:. Flag: `--pool`. */
  pool?: OptionInput<'pool'> | undefined
  /** Which budget; all who share it must name the same limits. Default: `default`. Flag: `--pool-name`. */
  poolName?: OptionInput<'poolName'> | undefined
  /** Whose share it is: fair by weight between users, equal between the processes of one. Default: `default`. Flag: `--pool-user`. */
  poolUser?: OptionInput<'poolUser'> | undefined
  /** The weight of that share. Default: `1`. Flag: `--pool-weight`. */
  poolWeight?: OptionInput<'poolWeight'> | undefined
  /** What one user may receive at most. Expects a rate such as 50mbit, 6.25MB, 10M or off; a number is bytes per second. Default: `off`. Flag: `--user-bwlimit`. */
  userBwlimit?: OptionInput<'userBwlimit'> | undefined
  /** Requests that one user may make at most. Expects a number of requests such as 10, 600/m, 12000/h or off; a number is per second. Default: `off`. Flag: `--user-tpslimit`. */
  userTpslimit?: OptionInput<'userTpslimit'> | undefined
  /** Requests or bytes a day or month, counted across processes and restarts; when spent, wait or end with exit 6. Flag: `--quota`. */
  quota?: OptionInput<'quota'> | undefined
  /** Whose midnight ends a day. Default: `UTC`. Flag: `--quota-zone`. */
  quotaZone?: OptionInput<'quotaZone'> | undefined
  /** Without the pool: wait for it, or go on with the share that this process had. Default: `hold`. Flag: `--pool-lost`. */
  poolLost?: OptionInput<'poolLost'> | undefined
  /** How "unchanged" is decided: head, conditional, manifest, exists or none. Default: `head`. Flag: `--check`. */
  check?: OptionInput<'check'> | undefined
  /** What identifies a URL: all of it, or origin and path (signed URLs whose query changes daily). Default: `full`. Flag: `--url-key`. */
  urlKey?: OptionInput<'urlKey'> | undefined
  /** Retries after the first attempt. Default: `3`. Flag: `--retries`. */
  retries?: OptionInput<'retries'> | undefined
  /** Exponential back-off with full jitter from here. Expects a duration such as 500ms, 30s or 5m; a number is milliseconds. Default: `1s`. Flag: `--retry-base`. */
  retryBase?: OptionInput<'retryBase'> | undefined
  /** Longest back-off. Expects a duration such as 500ms, 30s or 5m; a number is milliseconds. Default: `60s`. Flag: `--retry-max`. */
  retryMax?: OptionInput<'retryMax'> | undefined
  /** Longest Retry-After that is waited for; beyond it the entry fails with retryAt. Expects a duration such as 500ms, 30s or 5m; a number is milliseconds. Default: `5m`. Flag: `--retry-after-max`. */
  retryAfterMax?: OptionInput<'retryAfterMax'> | undefined
  /** Connect + response headers. Expects a duration such as 500ms, 30s or 5m, or off; a number is milliseconds. Default: `30s`. Flag: `--timeout`. */
  timeout?: OptionInput<'timeout'> | undefined
  /** No body byte for this long (waiting for the cap does not count). Expects a duration such as 500ms, 30s or 5m, or off; a number is milliseconds. Default: `30s`. Flag: `--stall-timeout`. */
  stallTimeout?: OptionInput<'stallTimeout'> | undefined
  /** An attempt slower than this over the stall timeout fails. Expects a rate such as 50mbit, 6.25MB, 10M or off; a number is bytes per second. Default: `off`. Flag: `--min-rate`. */
  minRate?: OptionInput<'minRate'> | undefined
  /** An asset that takes longer in all fails (waiting for the cap does not count). Expects a duration such as 500ms, 30s or 5m, or off; a number is milliseconds. Default: `off`. Flag: `--max-time`. */
  maxTime?: OptionInput<'maxTime'> | undefined
  /** Larger assets fail, before their body is read where the length is known. Expects a size such as 64KiB, 1.5MB or 10M, or off; a number is bytes. Default: `off`. Flag: `--max-size`. */
  maxSize?: OptionInput<'maxSize'> | undefined
  /** Media types such as image/*,video/mp4; sent as Accept, and another Content-Type fails. Default: `*\/*`. Flag: `--accept`. */
  accept?: OptionInput<'accept'> | undefined
  /** Sent to the manifest's origins; never to another origin after a redirect. Flag: `--header`. */
  headers?: OptionInput<'headers'> | undefined
  /** Stop the run past this many failures; a percentage counts from 100 outcomes on. Default: `off`. Flag: `--max-failures`. */
  maxFailures?: OptionInput<'maxFailures'> | undefined
  /** Computed while streaming, reported and indexed: sha256, sha512, md5 or none. Default: `sha256`. Flag: `--digest`. */
  digest?: OptionInput<'digest'> | undefined
  /** Fsync file and directory before an outcome says stored. Default: `false`. Flag: `--durable`. */
  durable?: OptionInput<'durable'> | undefined
  /** A bundle of the options above: initial, daily, critical or high-latency; what is given besides wins. Flag: `--preset`. */
  preset?: OptionInput<'preset'> | undefined
  /** Deny: no connection to loopback, private, link-local or metadata addresses, redirects included. Default: `allow`. Flag: `--private-network`. */
  privateNetwork?: OptionInput<'privateNetwork'> | undefined
  /** Options of single origins, by origin: `{ 'https://cdn.example.com': { perOrigin: 2 } }`. */
  origins?: Readonly<Record<string, OriginSection>> | undefined
}
