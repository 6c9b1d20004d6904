import t from 'tap'
import { nearestTo } from '../lib/nearest.js'

const names = ['concurrency', 'out', 'retries', 'retry-base', 'bwlimit']

const cases: [word: string, nearest: string | undefined, why: string][] = [
  ['concurrency', 'concurrency', 'the name itself'],
  ['concurency', 'concurrency', 'a letter is missing'],
  ['concurrenccy', 'concurrency', 'a letter too many'],
  ['bwlimti', 'bwlimit', 'two letters are swapped'],
  ['retrys', 'retries', 'the nearer of two'],
  ['otu', 'out', 'neighbours that changed places are one slip'],
  ['output', 'out', 'a longer word for the same'],
  ['ouput', 'out', 'such a word with a slip in it'],
  ['shout', undefined, 'one that begins otherwise'],
  ['overquota', undefined, 'one that is much longer'],
  ['tou', undefined, 'two slips are too many for a short name'],
  ['on', undefined, 'a short name must be almost right'],
  ['verbose', undefined, 'nothing is near'],
  ['', undefined, 'there is nothing to be near to'],
]

t.test('the name that was meant is found, and none where nothing is near', async t => {
  for (const [word, nearest, why] of cases) t.equal(nearestTo(word, names), nearest, `${word}: ${why}`)
})
