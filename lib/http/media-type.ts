/** Whether a Content-Type is one of the `accepted` media ranges (RFC 9110 section 12.5.1); an absent one is anything. */
export const isAccepted = (accepted: string, contentType: string | undefined): boolean => {
  const type = contentType?.split(';')[0]?.trim().toLowerCase()
  return accepted
    .toLowerCase()
    .split(',')
    .map(range => range.split(';')[0]?.trim() ?? '')
    .some(
      range =>
        range === '*/*' || range === type || (range.endsWith('/*') && type?.startsWith(range.slice(0, -1))),
    )
}
