import { demand } from '../units.js'

/** Where the rows are in a JSON document: keys or array positions, `*` for every one. */
export type Select = readonly string[]

/** The components of a dotted path such as `products.*.images.*`; ERR_OPTION where one is empty. */
export const parseSelect = (text: string): Select => {
  const path = text.split('.')
  return demand(
    path.includes('') ? undefined : path,
    '--select',
    'dotted keys, with * for every element or value, such as products.*.images.*',
    text,
  )
}
