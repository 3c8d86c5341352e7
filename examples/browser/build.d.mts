/** Writes the page, its script, the runtime, the run's vectors and the networks into a folder to be served. */
export function layOut(run: string, out: string, networks: readonly string[]): Promise<void>;
