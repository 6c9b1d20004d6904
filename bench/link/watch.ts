import { once } from 'node:events'
import { openSync, readSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { sharedNow } from './clock.js'
import { payloadOf } from './payload.js'
import type { Sample } from './windows.js'

/* Watches what arrives at the device argv[2] between two messages, then says what it has seen: every sample. */

const [, , device = ''] = process.argv
const counters = openSync('/proc/net/dev', 'r')
const text = Buffer.alloc(65_536)

/** Reads without opening: what watches a link must not need the processors that those on it need. */
const payload = (): number =>
  payloadOf(text.toString('latin1', 0, readSync(counters, text, 0, text.length, 0)), device)

process.send?.('started')
for (;;) {
  await once(process, 'message')
  const samples: Sample[] = []
  let isOver = false
  void once(process, 'message').then(() => {
    isOver = true
  })
  process.send?.('watching')
  while (!isOver) {
    samples.push({ at: sharedNow(), bytes: payload() })
    await setTimeout(4)
  }
  process.send?.(samples)
}
