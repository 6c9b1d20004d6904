import type { Transform } from 'node:stream'
import type { Cost, Grant, RatePool } from '../rate/pool.js'
import type { ThrottleOptions } from '../rate/throttle.js'
import type { Work } from '../work.js'
import type { Exchanged } from './exchange.js'
import type { Exchanger, Own } from './exchanger.js'
import { type Body, type Flow, flowInto, type Intake } from './flow-into.js'
import { contentLength, type Head } from './head.js'
import { noteRoundTrip, type Origins, recover, runningMean } from './origins.js'

/** One request, to one origin. */
export type HopRequest = {
  method: 'GET' | 'HEAD'
  url: URL
  headers: Record<string, string>
  /** Body bytes that may arrive: a body that has more is metered. */
  expectBytes: number
  /** Body bytes that are granted before the request is sent, where those are fewer; the pool makes up for what arrives beyond them. */
  likelyBytes?: number | undefined
  /** Judges the head: where the body goes, nothing to have it discarded, or a throw to refuse it. */
  accept: (head: Head) => Body | undefined
  work: Work
  /** What was reserved for it before. */
  reserved?: Reservation | undefined
}

/** A grant that is waited for while something else is still arriving; undefined where the origin came to be held meanwhile. */
export type Reservation = { readonly bytes: number; readonly grant: Promise<Grant | undefined> }

export type PaidHopOptions = {
  exchanger: Exchanger
  origins: Origins
  pool: RatePool
  /** Meters a body against the pool. */
  throttle: (options: ThrottleOptions) => Transform
  /** What a request costs in its provider's units. */
  unitsOf?: ((method: string, url: URL) => number) | undefined
  /** Ends every wait for a grant. */
  halted: AbortSignal
}

/** One request and its response, paid from the pool: granted before it is sent, metered where it exceeds that, settled by what really arrived. */
export const paidHop = ({ exchanger, origins, pool, throttle, unitsOf, halted }: PaidHopOptions) => {
  /** A grant for one request. While the origin is held the entry gives its slot to another, and draws nothing from the budget. */
  const granted = async (
    origin: string,
    cost: Cost,
    { work, reserved }: Pick<HopRequest, 'work' | 'reserved'>,
  ): Promise<Grant> => {
    const kept = reserved && (await reserved.grant)
    if (reserved && kept && pool.heldFor(origin) === 0) {
      const grant = await enlarged(kept, { by: cost.bytes - reserved.bytes, origin })
      if (pool.heldFor(origin) === 0) return grant
      grant.settle(nothing)
    } else kept?.settle(nothing)
    for (;;) {
      if (pool.heldFor(origin) > 0) await work.rest(() => pool.released(origin, halted))
      const grant = await pool.grant(cost, { origin, signal: halted })
      if (grant) return grant
    }
  }

  /** What was reserved may be less than what is asked for by now: a round trip was measured, or an asset that shared the cap has ended. */
  const enlarged = async (kept: Grant, { by, origin }: { by: number; origin: string }): Promise<Grant> => {
    if (by <= slackBytes) return kept
    const rest = await pool.grant({ requests: 0, bytes: by }, { origin, signal: halted }).catch(error => {
      kept.settle(nothing)
      throw error
    })
    return { settle: actual => kept.settle({ ...actual, bytes: actual.bytes - (rest ? by : 0) }) }
  }

  const costOf = (method: string, url: URL, bytes: number): Cost => ({
    requests: 1,
    bytes: bytes + Math.round(origins.of(url.origin).overheadBytes),
    ...(unitsOf && { units: unitsOf(method, url) }),
  })

  const reserve = (url: URL, bytes: number): Reservation | undefined => {
    if (pool.hasSlots?.(url.origin)) return undefined
    const cost = costOf('GET', url, bytes)
    const grant = pool.grant(cost, { origin: url.origin, signal: halted })
    // Whoever uses it hears of it.
    grant.catch(() => {})
    return { bytes: cost.bytes, grant }
  }

  const send = async ({
    method,
    url,
    headers,
    accept,
    expectBytes,
    likelyBytes = expectBytes,
    work,
    reserved,
  }: HopRequest): Promise<Exchanged> => {
    const { origin } = url
    const facts = origins.of(origin)
    const grant = await granted(origin, costOf(method, url, likelyBytes), { work, reserved })
    const before = work.received
    const paid = new PaidBody(accept, work, { origin, expectBytes, pool, throttle, halted })
    try {
      const exchanged = await exchanger.exchange({ method, url, headers }, paid)
      if (paid.flow) await paid.flow.end()
      // A response that was given up says nothing of how much comes around a body.
      if (exchanged.reusable) {
        const overhead = work.received - before - exchanged.bodyBytes
        facts.overheadBytes = runningMean(facts.overheadBytes, overhead)
      }
      noteRoundTrip(facts, exchanged.roundTripMs, performance.now())
      if (exchanged.head.status < 400) recover(facts, performance.now())
      return exchanged
    } catch (error) {
      await paid.flow?.destroy(error)
      throw error
    } finally {
      grant.settle({ bytes: work.received - before - paid.metered })
    }
  }

  return { send, reserve }
}

type Meter = Pick<PaidHopOptions, 'pool' | 'throttle' | 'halted'> & { origin: string; expectBytes: number }

/** A body on its way: one that has more than was granted for it is metered. */
class PaidBody implements Own {
  readonly work: Work
  /** Bytes that were granted as they were read. */
  metered = 0
  /** Its way, where there is anything on it. */
  flow: Flow | undefined
  readonly #accept: HopRequest['accept']
  readonly #meter: Meter

  constructor(accept: HopRequest['accept'], work: Work, meter: Meter) {
    this.work = work
    this.#accept = accept
    this.#meter = meter
  }

  accept(head: Head): Intake | undefined {
    const body = this.#accept(head)
    if (!body) return undefined
    const { into, through = [] } = body
    const isMetered = this.#isMetered(head)
    if (!isMetered && through.length === 0) return into
    this.flow = flowInto({ into, through: isMetered ? [this.#throttled(), ...through] : through })
    return this.flow.entry
  }

  #isMetered(head: Head): boolean {
    const { pool, origin, expectBytes } = this.#meter
    return pool.mayCap(origin) && !(contentLength(head) <= expectBytes)
  }

  /** All of it: what was granted ahead stands for what the kernel holds unread meanwhile, and comes back in the end. */
  #throttled(): Transform {
    const { pool, origin, throttle, halted } = this.#meter
    const onGrant = (bytes: number): void => {
      this.metered += bytes
    }
    return throttle({ pool, origin, patience: halted, onGrant })
  }
}

/** Gives a reservation back that nobody needs any more. */
export const release = (reserved: Reservation | undefined): void =>
  void reserved?.grant.then(
    grant => grant?.settle(nothing),
    () => {},
  )

/** How much comes around a body is only known on average. */
const slackBytes = 1024

const nothing = { requests: 0, bytes: 0 }
