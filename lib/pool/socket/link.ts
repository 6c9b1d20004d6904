/** The way to the server, wherever that is. */
export type Link = {
  /** Sends whole lines. */
  write(lines: string): void
  /** Has `line` hear every whole line from now on. */
  hear(line: (text: string) => void): void
  /** Resolves once nothing more will come. */
  readonly ended: Promise<void>
  /** Lets go of it; of the server as well, where that is in this process. */
  close(): Promise<void>
}
