import { readFileSync } from 'node:fs'

/** Milliseconds that the processors of this machine have worked since it was started, or were not given to it by its host. */
export const busyMs = (): number => {
  const [, user, nice, system, , , interrupts, soft, stolen] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)
    .join()
    .split(/ +/)
    .map(Number)
  const ticks = [user, nice, system, interrupts, soft, stolen].reduce<number>(
    (sum, each) => sum + (each ?? 0),
    0,
  )
  // As every Linux counts them for its users.
  return ticks * 10
}
