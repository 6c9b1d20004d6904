/** Who can be on a roster: `seat` is the roster's, and -1 for who is on none. */
export type Member = { seat: number }

/**
 * Those that are there now, of very many that come and go. Not a Set: when one of V8 is rebuilt, as it is after every few dozen deletions,
 * the tables it had before stay chained to it, with all that was in them. From the first of them on that has grown old, everything that was
 * ever a member is kept until the next full garbage collection, and copied twice before it.
 */
export class Roster<Each extends Member> {
  readonly #members: Each[] = []

  get size(): number {
    return this.#members.length
  }

  enter(member: Each): void {
    member.seat = this.#members.length
    this.#members.push(member)
  }

  /** Nothing for who is not there. */
  leave(member: Each): void {
    const { seat } = member
    if (this.#members[seat] !== member) return
    const last = this.#members.pop() as Each
    if (last !== member) {
      this.#members[seat] = last
      last.seat = seat
    }
    member.seat = -1
  }

  /** Those who are there now, whoever leaves meanwhile. */
  all(): Each[] {
    return this.#members.slice()
  }
}
