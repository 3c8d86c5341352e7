import type { Comparison, Contender, Run } from "./figure.js";

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Measured {
  readonly id: string;
  readonly figure: string;
  readonly what: string;
  readonly data?: string;
  readonly cores: number;
  readonly rounds: number;
  readonly target?: number;
  /** Of each round, ours / the chosen peer. */
  readonly ratio: Spread;
  readonly peer: string;
  /** Seconds of each contender, ours first, and the notes of its last run. */
  readonly contenders: readonly { readonly name: string; readonly seconds: Spread; readonly notes?: Run["notes"] }[];
}

/** Runs all contenders in turn, `rounds` times; the order turns round from round to round, so that nobody always runs on a warm machine. */
export async function measure(figure: string, c: Comparison, rounds: number): Promise<Measured> {
  const all: Contender[] = [c.ours, ...c.peers];
  if (c.warmup !== false) for (const one of all) await one.run();
  const seconds = all.map((): number[] => []);
  const notes: Run["notes"][] = [];
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < all.length; i++) {
      const at = round % 2 === 0 ? i : all.length - 1 - i;
      const run = await all[at]!.run();
      seconds[at]!.push(run.seconds);
      notes[at] = run.notes;
    }
  }
  const medians = seconds.map((list) => spread(list).median);
  let chosen = 1;
  if (c.against !== "first") for (let i = 2; i < all.length; i++) if (medians[i]! < medians[chosen]!) chosen = i;
  return {
    id: c.id,
    figure,
    what: c.what,
    ...(c.data && { data: c.data }),
    cores: c.cores,
    rounds,
    ...(c.target !== undefined && { target: c.target }),
    ratio: spread(seconds[0]!.map((s, r) => s / seconds[chosen]![r]!)),
    peer: all[chosen]!.name,
    contenders: all.map(({ name }, i) => ({
      name,
      seconds: spread(seconds[i]!),
      ...(notes[i] && { notes: notes[i] }),
    })),
  };
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}
