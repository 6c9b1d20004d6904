import { flagOf, type OptionName, presets, table } from '../lib/index.js'
import { exitStatuses } from './exit-statuses.js'
import { hang } from './wrap.js'

/** A page of help about one thing. */
export type Topic = {
  /** Completes the list of topics. */
  readonly about: string
  /** Fits 80 columns. */
  readonly text: string
}

const statuses = [...exitStatuses]
  .map(([status, meaning]) => `  ${String(status).padEnd(5)}${meaning}`)
  .join('\n')

const presetLines = Object.entries(presets)
  .map(([preset, options]) => {
    const flags = Object.entries(options).map(
      ([name, value]) => `${flagOf(name, table[name as OptionName])}${value === 'true' ? '' : ` ${value}`}`,
    )
    return hang(`  ${preset}`, flags.join(' '), { indent: 16, columns: 80 })
  })
  .join('\n')

const pages = {
  manifest: {
    about: 'what is synced: formats, entries, --select',
    text: `A manifest is a list of entries, read as it arrives, in one of four formats:

  json     an array of entries, or with --select any document
  ndjson   one entry per line
  urls     one URL per line; blank lines and lines with # are passed over
  tsv      TsvHttpData-1.0: URL, size, MD5 in base64

The format is recognized by its first bytes; --format says it. --select names
where the entries of a JSON document are: dotted keys, * for every element or
value, as in --select 'products.*.images.*'.

An entry is a URL or an object. Only url is required:

  {"url":"https://cdn.example.com/a.jpg","path":"a/1.jpg","size":48213,
   "integrity":"sha256-...","headers":{"Authorization":"Bearer ..."}}

  size, integrity      the stored bytes must be these, or the entry fails
  etag, lastModified   hints for --check manifest
  headers              sent to the origin of this URL only

All other fields come back in the outcome. An outcome is an entry, too. A bad
entry is one failed outcome; a document that breaks off ends with exit 3, after
all that stood before the break.`,
  },
  paths: {
    about: 'where assets are stored: path, --path',
    text: `The path of an entry always wins; it is relative to --out and never leaves it.
All other entries are named by --path, {host}{pathname} unless given:

  {host}       with its port: h:8080 becomes h_8080
  {pathname}   of the URL; a query adds 32 hex digits of its SHA-256
  {basename}   the last component of that
  {ext}        its extension with the dot
  {hash}       32 hex digits of the SHA-256 of the URL
  {index}      the position of the entry, from 0
  {sku}        any field of the entry, here sku; a / in it becomes _

  sluice -o images --path '{sku}/{basename}' catalog.ndjson

Names from URLs are made safe: percent-encoding is decoded once, what a file
system does not like becomes _, and a trailing / becomes /index.

Of two entries with one destination the first has it: the second is skipped as a
duplicate where its URL is the same, else it fails (ERR_PATH_TAKEN).
DIR/.sluice holds the index, what is under way, and the lock of the run.`,
  },
  cap: {
    about: 'how fast: --bwlimit, --tpslimit, --concurrency',
    text: `--bwlimit caps everything that arrives, headers and retries included, of all
origins together. A timetable changes it by the clock, in local time:

  sluice -o images --bwlimit 50mbit catalog.json
  sluice -o images --bwlimit "08:00,10mbit 19:00,50mbit Sat-00:00,off" ...

Under a cap large assets are asked for in ranges, each only once its bytes are
granted: what was not asked for cannot fill the link. --segment sets how large
the ranges are. Without ranges 128 KiB of each body are granted ahead.

  --concurrency   assets in flight in all
  --per-origin    assets in flight at one origin
  --tpslimit      requests in a second (or /m, /h, /d), of every kind

Grants are equal in bytes between origins, so that a slow or huge asset delays
no other origin. When the live line says that entries wait for the cap, all is
well: the cap is in use. A rate far below the cap means that something else is
slow. The summary says what arrived in the worst second; sluice plan says how
long a sync takes at the cap.`,
  },
  pool: {
    about: 'one budget for many processes: --pool, --quota',
    text: `Processes that name the same pool share --bwlimit and --tpslimit: together they
have no more than one would have alone.

  sluice -o images --bwlimit 50mbit --pool local: --pool-name link a.json
  sluice -o videos --bwlimit 50mbit --pool local: --pool-name link b.json

  local:                 processes of one user on one machine; needs nothing
  unix:PATH              the same over a socket of your choice
  redis://HOST:PORT/DB   processes anywhere; rediss:// with TLS

All name the same limits; one that does not ends with exit 2. Shares are equal
between the --pool-user names (by --pool-weight), and between the processes of
one. --user-bwlimit and --user-tpslimit are what one user may have at most.

--quota 5000/d or 750GB/mo counts requests or bytes in days or months of
--quota-zone, across processes and restarts. When it is spent and the next
period is further away than --retry-after-max, the run ends with exit 6; the
summary says when to go on (resumeAt).

--pool-lost is for while the pool cannot be reached. To look at one or change it
(without URL and NAME that of SLUICE_POOL and SLUICE_POOL_NAME):

  sluice pool status URL [NAME] [--json]
  sluice pool pause URL [NAME] [--for 10m, else 1h] [--user ID]
  sluice pool resume URL [NAME] [--user ID]
  sluice pool set URL [NAME] [--bwlimit RATE] [--tpslimit N]`,
  },
  unchanged: {
    about: 'what is not fetched again: --check, --url-key',
    text: `An asset that is stored and still the same is skipped. --check says how that is
found out:

  head          one HEAD per stored asset: strong ETags decide, else the dates
                with the length, else a weak ETag with it, else the length;
                where HEAD is refused, as conditional
  conditional   a GET that only a changed asset answers with a body
  manifest      etag, size, lastModified and integrity of the entry, as far as
                it has them, without any request
  exists        a stored file is enough
  none          nothing is: everything is fetched

A file that was altered since, in its size or its time, is fetched anew. What is
known of stored assets is in DIR/.sluice; without it their sizes and times still
decide.

Where the query of a URL changes daily, as in presigned ones, --url-key path
tells assets apart by origin and path alone.`,
  },
  requests: {
    about: 'retries, waiting, limits of time and size',
    text: `What may succeed the next time is tried again --retries times: lost connections,
time-outs, short bodies, 408, 425, 429, and 5xx but 501 and 505. The waits grow
from --retry-base to --retry-max and are random below that. Where a strong ETag
allows it, an attempt goes on from the bytes that are there. -v shows each one.

An origin that says Retry-After is asked nothing until then, by nobody; one that
asks for more than --retry-after-max fails its entry, and the summary says when
to come back.

  --timeout         to connect, and to the first byte of an answer
  --stall-timeout   without any byte of a body
  --min-rate        an attempt slower than this over the stall timeout fails
  --max-time        for an asset in all
  --max-size        larger assets fail, before they are fetched if that is known
  --accept          media types; any other fails

Waiting for the cap counts for none of these. A --header (-H) goes to the
origins of the manifest, never to another one that a redirect leads to. With
--private-network deny no address inside your network is asked.`,
  },
  outcomes: {
    about: 'what is printed: records, codes, the summary',
    text: `Each entry ends in one line of JSON on stdout, in the order in which they end:

  stored    bytes, received, etag, lastModified, type, digest, attempts, ms
  skipped   reason: unchanged (by what), or duplicate (of which index)
  failed    error: code, message, statusCode, retryable, retryAt
  planned   in place of stored, by sluice plan

All have an index and, unless the row was no entry, its url; they repeat the
entry's own fields, so that outcomes can be fed back:

  jq -c 'select(.status=="failed")' outcomes.ndjson |
    sluice -o images --bwlimit 50mbit
  jq -r 'select(.status=="failed") | [.error.code, .url] | @tsv' outcomes.ndjson

Stderr has the rest, as JSON where it is no terminal: a live line (elsewhere
--progress tells how it goes every 10 s), the first five failures as warnings
where outcomes go to a file, and the summary, which --summary writes as well.
With -q (--quiet) only warnings and errors are left: cron sends a mail when
something failed, else none. With -v (--verbose) retries are told.

--log-level sets the same exactly, --digest which digest is computed, and with
--durable an asset is safe on the disk before its outcome says stored.`,
  },
  exit: {
    about: 'what the exit status says',
    text: `${statuses}

Of several the first counts: a signal or 141, then 4, 3, 5, 6, 1. Before a run
begins it is 2, and nothing was touched. 5 needs --max-failures N or P%.

The first SIGINT or SIGTERM stops reading: what waits ends at once, what is
arriving has 5 s to finish, and every entry that was read has its outcome. The
second one stops at once. Either way the next run goes on where this one
stopped: what is stored is unchanged, and of large assets with a strong ETag
only the rest is fetched.`,
  },
  config: {
    about: 'configuration file, environment, what wins',
    text: `--config FILE is JSON with the options by their names in camelCase:

  {
    "bwlimit": "50mbit",
    "perOrigin": 4,
    "origins": {
      "https://cdn.example.com": {
        "headers": { "Authorization": "Bearer ..." },
        "perOrigin": 2,
        "bwlimit": "10mbit"
      }
    }
  }

A section of origins is about one scheme, host and port. Its bwlimit and
tpslimit hold besides those of the run, its other options in their place. It can
have a pool of its own (pool, poolName, quota, ...) with a provider's units:
unitlimit, userUnitlimit, unitCosts, or provider: google-drive, box, dropbox.

Every option can come from the environment: SLUICE_PER_ORIGIN=4. Flags win over
variables, variables over the file, the file over --preset, and that over the
defaults; headers of all of these are sent, of one name the first of these. A
name that is unknown there is refused (exit 2).`,
  },
  presets: {
    about: 'bundles of options for four ways to sync',
    text: `--preset NAME is as if these were written out; what is written out besides wins:

${presetLines}

  initial        everything for the first time, under a cap
  daily          what changed since, under a lower one
  critical       slowly and surely: many retries, on disk before it says stored
  high-latency   few connections, large ranges and long time-outs

  sluice -o images --preset daily --bwlimit 10mbit catalog.json

The numbers are a start. Take the cap from your link: what its other users can
do without; sluice plan says how long that takes.`,
  },
  units: {
    about: 'sizes, durations, rates, timetables',
    text: `sizes        65536, 64KiB, 1.5MB; 10M is 10 MiB
durations    500ms, 30s, 5m, 1.5h, 7d
rates        50mbit or 50Mbps     50,000,000 bits a second
             6.25MB               6,250,000 bytes a second: the same
             10M or 10MiB         10 MiB a second, as in rclone and rsync
             512                  512 KiB a second, as in rclone and rsync
             off                  no cap
requests     10 or 10/s, 600/m, 12000/h, 100000/d, off
timetables   [DAY-]HH:MM,RATE ... in local time, in any order

In a timetable a rate holds until the next one, over midnight and the end of the
week too; one of a day wins over one of every day at the same minute:

  --bwlimit "08:00,10mbit 19:00,50mbit Sat-00:00,off Mon-08:00,10mbit"`,
  },
} satisfies Record<string, Topic>

/** The pages of `sluice help TOPIC`, in the order in which help lists them. */
export const topics: ReadonlyMap<string, Topic> = new Map(Object.entries(pages))
