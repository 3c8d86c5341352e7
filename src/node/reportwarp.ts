import { warpPath } from "../similarity/warp.js";
import type { StudyResult } from "../study.js";

/** The cheapest way through the layers of each two networks, input to output, as rows: depth in one, depth in the other (METHOD.md: relative depth analysis). */
export function warpRows({ study, layers, comparison }: StudyResult) {
  const similarity = new Map(comparison.cells.map((c) => [`${c.a} ${c.b}`, c.result.significance.similarity]));
  const own = (n: number) => layers.flatMap((l, i) => (l.network === n ? [i] : []));
  return study.networks.flatMap((first, a) =>
    study.networks.slice(a + 1).flatMap((second, i) => {
      const [rows, cols] = [own(a), own(a + 1 + i)];
      const data = Float64Array.from(
        rows.flatMap((r) => cols.map((c) => 1 - (similarity.get(`${r} ${c}`) ?? Number.NaN))),
      );
      return warpPath({ data, rows: rows.length, cols: cols.length }).map(([r, c]) => ({
        model_a: first.id,
        model_b: second.id,
        depth_a: layers[rows[r]!]!.tap.depth,
        depth_b: layers[cols[c]!]!.tap.depth,
      }));
    }),
  );
}
