import { orderedMatching } from "../similarity/warp.js";
import type { StudyResult } from "../study.js";

/** Layers of each two networks matched in order of depth, input to output, as rows: depth in one, depth in the other (warp_distance). */
export function warpRows({ study, layers, comparison }: StudyResult) {
  const similarity = new Map(comparison.cells.map((c) => [`${c.a} ${c.b}`, c.result.significance.similarity]));
  const own = (n: number) => layers.flatMap((l, i) => (l.network === n ? [i] : []));
  return study.networks.flatMap((first, a) =>
    study.networks.slice(a + 1).flatMap((second, i) => {
      const [rows, cols] = [own(a), own(a + 1 + i)];
      const data = Float64Array.from(rows.flatMap((r) => cols.map((c) => similarity.get(`${r} ${c}`) ?? Number.NaN)));
      return orderedMatching({ data, rows: rows.length, cols: cols.length }).map(([r, c]) => ({
        model_a: first.id,
        model_b: second.id,
        depth_a: layers[rows[r]!]!.tap.depth,
        depth_b: layers[cols[c]!]!.tap.depth,
      }));
    }),
  );
}
