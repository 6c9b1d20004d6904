import { type FileSink, type FileSinkOptions, fileSink } from './file-sink.js'
import { sweep } from './partials.js'
import { openWorkspace, type Workspace } from './workspace.js'

/** A directory and the sink over it. */
export type Disk = {
  readonly workspace: Workspace
  readonly sink: FileSink
  /** Gives the directory free; once, however often it is called. */
  close(): Promise<void>
}

/** Opens `dir` as the last run left it, made ready for this one; ERR_DESTINATION if it cannot be used or another run has it. */
export const openDisk = async (dir: string, options: FileSinkOptions): Promise<Disk> => {
  const workspace = await openWorkspace(dir, options)
  try {
    await sweep(workspace, Date.now())
    const sink = fileSink(workspace, options)
    let closing: Promise<void> | undefined
    const close = async (): Promise<void> => {
      await sink.close()
      await workspace.close()
    }
    return {
      workspace,
      sink,
      close() {
        closing ??= close()
        return closing
      },
    }
  } catch (error) {
    await workspace.close()
    throw error
  }
}
