import type { Ask, Bye, Reply, Told } from './message.js'

/** What a line tells; of one that cannot be understood nothing. Never throws. */
export const readReply = (line: string): Reply | Told | Bye => {
  const given = parse(line)
  if (given['bye'] === true) return { bye: true }
  if (isSnapshot(given['push']) && hasGrants(given['push'])) return given as Told
  if (typeof given['id'] === 'number' && ('done' in given || typeof given['error'] === 'string'))
    return given as Reply
  return { id: undefined, error: 'nothing' }
}

/** Whether `done` can be the answer to `ask`. */
export const isAnswerTo = (ask: Ask, done: unknown): boolean => {
  if ('call' in ask) return isSnapshot(done) && hasGrants(done) && Number.isFinite(done['wallTime'])
  if ('status' in ask) return isSnapshot(done) && Array.isArray(done['users'])
  return done === null
}

type Fields = Readonly<Record<string, unknown>>

const parse = (line: string): Fields => {
  try {
    const given = JSON.parse(line)
    return typeof given === 'object' && given !== null ? given : {}
  } catch {
    return {}
  }
}

const isSnapshot = (given: unknown): given is Fields => {
  if (typeof given !== 'object' || given === null) return false
  const { now, epoch, pausedUntil, holds } = given as Fields
  return [now, epoch, pausedUntil].every(Number.isFinite) && Array.isArray(holds)
}

const hasGrants = ({ grants }: Fields): boolean => Array.isArray(grants) && grants.every(isGrant)

const isGrant = (given: unknown): boolean => {
  if (typeof given !== 'object' || given === null) return false
  const { serial, slot, count, spacing, cost } = given as Fields
  return [serial, slot, count, spacing].every(Number.isFinite) && typeof cost === 'object' && cost !== null
}
