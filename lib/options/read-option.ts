import { demand } from '../units.js'
import type { Kind } from './kinds.js'

/** The value of one option, or ERR_OPTION in a sentence that begins with `name`. */
export const readOption = <Value>({ kind }: { kind: Kind<Value> }, name: string, given: unknown): Value =>
  demand(kind.read(given), name, kind.expected, kind.isSecret ? '…' : given)
