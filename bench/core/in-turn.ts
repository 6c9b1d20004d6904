/** Measures every one of `contestants` as often as `runs` says, in turn (A B C A B C), so that what the machine does besides hits all alike. */
export const inTurn = async <Contestant, Measured>(
  contestants: readonly Contestant[],
  runs: number,
  measure: (contestant: Contestant, run: number) => Promise<Measured>,
): Promise<Map<Contestant, Measured[]>> => {
  const measured = new Map(contestants.map(contestant => [contestant, [] as Measured[]]))
  for (let run = 0; run < runs; run += 1)
    for (const [contestant, all] of measured) all.push(await measure(contestant, run))
  return measured
}
