import type { AssetIndex, AssetIndexOptions } from './asset-index.js'
import { openWorkspace } from './workspace.js'

/**
 * Opens what is known of the assets stored below `dir`, made if absent. Until `close` no sync can use `dir`, in any
 * process. Throws ERR_DESTINATION if it cannot be used or is in use.
 */
export const openIndex = async (
  dir: string,
  { durable = false }: Partial<AssetIndexOptions> = {},
): Promise<AssetIndex> => {
  const { index, close } = await openWorkspace(dir, { durable })
  return { ...index, close }
}
