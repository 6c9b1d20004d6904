/**
 * Bundles of options for the four ways in which catalogs are synced: what they give is as if it were written out, and
 * whatever is written out wins. The README's decision table says why each number is what it is.
 */
export const presets = {
  initial: { check: 'none', bwlimit: '50mbit', concurrency: '16', perOrigin: '8', retries: '5' },
  daily: { check: 'head', bwlimit: '25mbit' },
  critical: { concurrency: '2', perOrigin: '2', retries: '10', retryMax: '5m', durable: 'true' },
  'high-latency': {
    concurrency: '4',
    perOrigin: '4',
    segment: '1MiB',
    timeout: '120s',
    stallTimeout: '120s',
    retryBase: '2s',
  },
} as const

/** What presets are called. */
export type Preset = keyof typeof presets
