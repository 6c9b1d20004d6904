/** `text` in a form that is safe to show on a terminal: control, bidirectional and line-separating characters become `\uXXXX`. */
export const escapeControls = (text: string): string => text.replace(unsafe, toEscape)

// Cc is C0, DEL and C1; JSON.stringify leaves all but C0 raw, and bidirectional overrides can make a name read as another.
const unsafe = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/gu

const toEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
