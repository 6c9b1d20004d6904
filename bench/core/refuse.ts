/** What a bench cannot start with: said in one line, exit 2. */
export const refusal = (message: string): Error => Object.assign(new Error(message), { exitCode: 2 })

/** Whether an error is one. */
export const isRefusal = (error: unknown): error is Error => error instanceof Error && 'exitCode' in error
