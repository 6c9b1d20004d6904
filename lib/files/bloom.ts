export type Bloom = {
  add(key: string): void
  /** False: never added. True: added, or one of the few that look like it. */
  mayHave(key: string): boolean
}

/**
 * A set of hashes that forgets which they were: `bytes` of memory (a power of two, 64 to 1 GiB) however many are added.
 * A key is 16 or more characters of one uniformly random byte each. All eight bits of a key lie in one block of 64 bytes,
 * so that a look-up costs one cache miss.
 */
export const bloomFilter = (bytes: number): Bloom => {
  const words = new Uint32Array(bytes / 4)
  const lastBlock = bytes / 64 - 1

  const blockOf = (key: string): number =>
    ((key.charCodeAt(0) | (key.charCodeAt(1) << 8) | (key.charCodeAt(2) << 16)) & lastBlock) * 16

  // Nine bits choose one of the 512 in a block: a byte of its own and one bit of a shared byte for each of the eight.
  const bitOf = (key: string, probe: number): number =>
    (key.charCodeAt(3 + probe) << 1) | ((key.charCodeAt(11) >> probe) & 1)

  return {
    add(key) {
      const block = blockOf(key)
      for (let probe = 0; probe < 8; probe++) {
        const bit = bitOf(key, probe)
        const word = block + (bit >> 5)
        words[word] = (words[word] ?? 0) | (1 << (bit & 31))
      }
    },
    mayHave(key) {
      const block = blockOf(key)
      for (let probe = 0; probe < 8; probe++) {
        const bit = bitOf(key, probe)
        if ((((words[block + (bit >> 5)] ?? 0) >> (bit & 31)) & 1) === 0) return false
      }
      return true
    },
  }
}
