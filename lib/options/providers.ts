/**
 * What providers say of their limits, as sections of `origins` have it. They change, and differ between contracts: what a section says itself
 * wins.
 */
export const providers = {
  /**
   * The figures of projects made since May 2026: https://developers.google.com/workspace/drive/api/guides/limits (as of 2026-09-19). Days are those
   * of Google Cloud, which end at midnight Pacific time: https://docs.cloud.google.com/docs/quotas/overview
   */
  'google-drive': {
    unitlimit: '1000000/m',
    userUnitlimit: '325000/m',
    quota: '1TB/d,400000000units/d',
    quotaZone: 'America/Los_Angeles',
    unitCosts: {
      'GET /drive/v3/files': 100,
      'GET /drive/v3/files/*?alt=media': 200,
      'GET /drive/v3/files/*/export': 200,
      'GET /drive/v3/changes': 100,
      '/**': 5,
    },
    pushBack: 'user',
  },
  /** 1,000 requests a minute for each user: https://developer.box.com/guides/api-calls/permissions-and-errors/rate-limits/ (as of 2026-11) */
  box: { userTpslimit: '1000/m', pushBack: 'user' },
  /**
   * No figures are published; who asks too often is always told when to come back, for each user who linked the app:
   * https://developers.dropbox.com/dbx-performance-guide (as of 2026-11)
   */
  dropbox: { pushBack: 'user' },
} as const

/** What providers are called. */
export type Provider = keyof typeof providers
