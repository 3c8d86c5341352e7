import type { Pairing } from "../contract/trust.js";
import type { Matrix64 } from "../numerics/types.js";
import type { RefitHalves } from "./halves.js";

/** A layer as summaries need it. */
export interface SummaryLayer {
  readonly network: number;
  readonly depth: number;
  readonly headDepth: number;
  /** h * w of its grid. */
  readonly cells: number;
}

/** A cell of the study as summaries need it. */
export interface SummaryCell {
  readonly a: number;
  readonly b: number;
  readonly similarity: number;
  /** S' and that of the refits on halves of the test images. */
  readonly halves: RefitHalves | undefined;
  /** S' of each resample of the test images; the same resamples in all cells. */
  readonly resampled: ArrayLike<number> | undefined;
}

/** Two networks of a study: layers of a in rows, of b in columns. */
export interface NetworkPair {
  readonly a: number;
  readonly b: number;
  readonly pairing: Pairing;
  /** One is the other's twin: they share biases, strides and normalisation. */
  readonly own: boolean;
  /** Places of the layers in the study. */
  readonly rows: readonly number[];
  readonly cols: readonly number[];
  readonly similarity: Matrix64;
  /** S' on half 0 or 1 of the test images, and the same of the refits; in `similarity`'s shape, NaN where unknown. */
  readonly half: (h: 0 | 1) => { readonly own: Matrix64; readonly refit: Matrix64 };
  readonly resamples: number;
  /** S' of resample r, in `similarity`'s shape. */
  readonly resample: (r: number) => Matrix64;
}

/** `twinOf`: for each network the place of the one it is a twin of, -1 for trained ones. */
export function networkPairs(
  layers: readonly SummaryLayer[],
  cells: readonly SummaryCell[],
  twinOf: readonly number[],
): NetworkPair[] {
  const known = new Map(cells.map((c) => [`${c.a} ${c.b}`, c]));
  const places = twinOf.map((_, n) => layers.flatMap((l, at) => (l.network === n ? [at] : [])));
  const out: NetworkPair[] = [];
  for (let a = 0; a < twinOf.length; a++) {
    for (let b = a + 1; b < twinOf.length; b++) {
      const [rows, cols] = [places[a]!, places[b]!];
      const table = rows.flatMap((r) => cols.map((c) => known.get(r < c ? `${r} ${c}` : `${c} ${r}`)));
      const matrix = (f: (c: SummaryCell) => number): Matrix64 => ({
        data: Float64Array.from(table, (c) => (c ? f(c) : Number.NaN)),
        rows: rows.length,
        cols: cols.length,
      });
      const shuffled = [a, b].filter((n) => twinOf[n]! >= 0).length;
      out.push({
        a,
        b,
        pairing: (["TT", "TR", "RR"] as const)[shuffled]!,
        own: twinOf[b] === a || twinOf[a] === b || (shuffled === 2 && twinOf[a] === twinOf[b]),
        rows,
        cols,
        similarity: matrix((c) => c.similarity),
        half: (h) => ({
          own: matrix((c) => c.halves?.own[h] ?? Number.NaN),
          refit: matrix((c) => c.halves?.refit[h] ?? Number.NaN),
        }),
        resamples: table.length > 0 && table.every((c) => c?.resampled) ? table[0]!.resampled!.length : 0,
        resample: (r) => matrix((c) => c.resampled![r]!),
      });
    }
  }
  return out;
}
