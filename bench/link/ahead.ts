import { canRun } from './run-tool.js'

/*
 * A process that stands for another machine goes ahead of all others, as far as it may, since another machine would not wait for a
 * processor that this one has too few of.
 */

const inRealTime = ['chrt', '--fifo', '1']

/** What starts a command that goes ahead. */
export const ahead = (): string[] => (canRun([...inRealTime, 'true']) ? inRealTime : ['nice', '-n', '-10'])

/**
 * Lets a process that has started go ahead from now on. Node has to: started in real time it spins for ever, once in some fifty times,
 * and leaves nobody else anything of a processor.
 */
export const goAhead = (pid: number): void =>
  void (
    canRun(['chrt', '--all-tasks', '--fifo', '--pid', '1', `${pid}`]) ||
    canRun(['renice', '-n', '-10', '-p', `${pid}`])
  )
