import { readFileSync } from 'node:fs'

/**
 * Bytes of resident memory of this process at its peak. What getrusage(2) tells, Linux carries over an exec: started by a large process,
 * a small one would tell that one's peak; VmHWM (proc_pid_status(5)) is its own.
 */
export const peakMemory = (): number => {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? []
    if (kib !== undefined) return Number(kib) * 1024
  } catch {
    // No /proc: another system.
  }
  return process.resourceUsage().maxRSS * 1024
}
