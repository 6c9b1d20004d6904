/** What each exit status says, in the order in which help shows them. */
export const exitStatuses = new Map([
  [0, 'all stored or skipped'],
  [1, 'some entries failed'],
  [2, 'usage, or a pool that cannot be had: nothing was touched'],
  [3, 'the manifest is broken'],
  [4, 'the destination cannot be used'],
  [5, 'too many failures'],
  [6, 'the quota is spent'],
  [70, 'a bug in sluice'],
  [129, 'SIGHUP'],
  [130, 'interrupted (SIGINT)'],
  [141, 'stdout was closed'],
  [143, 'SIGTERM'],
])
