import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { sharedNow } from './clock.js'
import { payloadOf } from './payload.js'
import type { Sample } from './windows.js'

/* Watches what arrives at the device argv[2] between two messages, then says what it has seen: every sample. */

const [, , device = ''] = process.argv

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
    samples.push({ at: sharedNow(), bytes: payloadOf(readFileSync('/proc/net/dev', 'utf8'), device) })
    await setTimeout(2)
  }
  process.send?.(samples)
}
