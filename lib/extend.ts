/**
 * A new object of `base` with `facts` over it. What every entry passes through uses this, and puts names before spreads: a
 * literal that goes on after a spread takes V8 of Node 20 up to 16 µs, a hundred times as long as this.
 */
export const extend = <Base extends object, Facts extends object>(
  base: Base,
  facts: Facts,
): Omit<Base, keyof Facts> & Facts => Object.assign({}, base, facts)

/** The same type while an object of it is put together. */
export type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }
