import { SyncError } from '../errors.js'
import { holdInProcess } from '../hold-in-process.js'

/** Makes this the only holder of `dir`, whose state is in `home`, within the process; ERR_DESTINATION if it has one. Gives it free by what comes back. */
export const holdDirectory = async (dir: string, home: string): Promise<() => void> => {
  const release = await holdInProcess(home)
  if (!release) throw new SyncError('ERR_DESTINATION', `another sluice run is using ${dir}`)
  return release
}
