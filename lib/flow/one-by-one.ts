/** Runs what it is given one after the other, in the order of the calls, each whatever became of those before it. */
export const oneByOne = (): (<T>(task: () => Promise<T>) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve()
  return task => {
    const done = last.then(task)
    last = done.catch(() => {})
    return done
  }
}
