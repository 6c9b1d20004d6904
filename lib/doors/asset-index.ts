export type { StoredAsset } from '../entry.js'
export type { AssetIndex, AssetIndexOptions } from '../files/asset-index.js'
export { openIndex } from '../files/open-index.js'
