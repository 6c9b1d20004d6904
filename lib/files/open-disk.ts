import { type FileSink, type FileSinkOptions, fileSink } from './file-sink.js'
import { bestHold, type Directory } from './hold.js'
import { sweep } from './partials.js'
import { openWorkspace, type Workspace } from './workspace.js'

/** A directory and the sink over it. */
export type Disk = {
  readonly workspace: Workspace
  readonly sink: FileSink
  /** Gives the directory free; once, however often it is called. `isComplete` is that of the workspace. */
  close(options?: { isComplete: boolean }): Promise<void>
}

/** Opens `dir` as the last run left it, made ready for this one; ERR_DESTINATION if it cannot be used or another run has it. */
export const openDisk = async (dir: string, options: FileSinkOptions): Promise<Disk> => {
  const workspace = await openWorkspace(dir, options)
  const holds = holdAll()
  try {
    // Whatever becomes of their names while the run goes on.
    const folders = { tmp: holds.take(workspace.tmp), partial: holds.take(workspace.partial) }
    await sweep(folders, Date.now())
    const sink = fileSink({ ...workspace, ...folders }, options)
    let closing: Promise<void> | undefined
    const close = async (options?: { isComplete: boolean }): Promise<void> => {
      await sink.close()
      holds.release()
      await workspace.close(options)
    }
    return {
      workspace,
      sink,
      close(options) {
        closing ??= close(options)
        return closing
      },
    }
  } catch (error) {
    holds.release()
    await workspace.close()
    throw error
  }
}

/** Directories that are held on to: each is found where it says, whatever stands under its name by then. */
const holdAll = () => {
  const hold = bestHold()
  const held: Directory[] = []
  return {
    take(directory: string): string {
      const taken = { path: '', ...hold.open(directory) }
      held.push(taken)
      return taken.at
    },
    release(): void {
      for (const directory of held) hold.release(directory)
    },
  }
}
