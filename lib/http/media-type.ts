/** Whether a Content-Type is one of the `accepted` media ranges (RFC 9110 section 12.5.1); an absent one is only where everything is. */
export const isAccepted = (accepted: string, contentType: string | undefined): boolean => {
  const type = essence(contentType ?? '')
  return accepted
    .split(',')
    .map(essence)
    .some(
      range =>
        range === '*/*' ||
        (range !== '' && range === type) ||
        (range.endsWith('/*') && type.startsWith(range.slice(0, -1))),
    )
}

/** Type and subtype, without parameters. */
const essence = (text: string): string => text.replace(/;.*$/s, '').trim().toLowerCase()
