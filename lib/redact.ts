import { escapeControls } from './escape.js'

/** A URL without user info and with its query values hidden (`?…`), for people and logs. */
export const redactUrl = (url: string | URL): string => {
  const parsed = URL.canParse(String(url)) ? new URL(url) : undefined
  // What no parser understands may hold a password anywhere, so that only its scheme is shown.
  if (!parsed) return `${/^[a-z][a-z0-9+.-]{0,30}:\/\//i.exec(String(url))?.[0] ?? ''}…`
  const { protocol, host, pathname, search } = parsed
  return `${protocol}//${host}${pathname}${search && '?…'}`
}

/** Free text (an error message, a stack) with every URL in it redacted and control characters escaped. */
export const redactText = (text: string): string => escapeControls(text.replace(urls, url => redactUrl(url)))

// A URL ends at a blank or a quote, but a quote inside user info, or one that JSON escaped, does not end it. The look-behind
// lets a scheme start only where its run of characters does: without it a long word would be scanned once per character.
const urls = /(?<![a-z0-9+.-])[a-z0-9+.-]*:\/\/(?:[^\s/?#]*@)?(?:\\.|[^\s"<>\\])*/gi
