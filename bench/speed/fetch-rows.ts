import { type Contestant, contestants } from './contestants.js'
import { type Corpus, corpora } from './corpora.js'
import { type FetchTable, fetchTables } from './tables.js'

/** What one row of a table tells of. */
export type FetchRow = { table: FetchTable; corpus: Corpus; contestant: Contestant }

/** Every row that the tables can have. */
export const fetchRows = (quick: boolean): FetchRow[] => {
  const sizes = corpora(quick)
  return fetchTables.flatMap(table =>
    sizes.flatMap(corpus =>
      contestants
        .filter(({ again }) => table.of === 'first' || again)
        .map(contestant => ({ table, corpus, contestant })),
    ),
  )
}

/** What --only finds a row by. */
export const nameOf = ({ table, corpus, contestant }: FetchRow): string =>
  `${table.name} ${corpus.name} ${contestant.name}`
