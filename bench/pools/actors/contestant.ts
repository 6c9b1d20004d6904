/** Who shares a budget. */
export type Who = 'sluice' | 'bottleneck' | 'turns'

/** One that draws on a budget with others. */
export type Contestant = {
  /** Resolves once it may draw. */
  join(): Promise<void>
  /** Does something when its time has come; rejects where it never may. */
  draw(act: () => void): Promise<void>
  /** Milliseconds that its calls took, where it makes calls. */
  readonly calls?: number[]
}

/** What it is told. */
export type ContestantOptions = {
  url: string
  /** Which budget. */
  name: string
  actor: string
  user: string
  weight: number
  /** Requests a second of all, and of this user. */
  rate: number
  userRate?: number | undefined
  /** Requests a day. */
  quota?: number | undefined
  /** Nothing is heard of what is said without being asked: as if all of pub/sub were lost. */
  isDeaf: boolean
}
