/** Work in turn: the next begins when the one before has ended, however it ended. */
export function createTurn(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = last.then(work)
    last = done.catch(() => undefined) // whoever waits for `done` sees the failure
    return done
  }
}
