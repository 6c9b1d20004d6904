/** Ethernet, IPv4, and TCP with timestamps. */
const framingBytes = 14 + 20 + 32

/** Of /proc/net/dev: the bytes of TCP payload that have arrived at a device; packets without any count as none. */
export const payloadOf = (devices: string, device: string): number => {
  const counts = devices.split(`${device}:`)[1]?.trim().split(/\s+/) ?? []
  return Number(counts[0] ?? 0) - framingBytes * Number(counts[1] ?? 0)
}
