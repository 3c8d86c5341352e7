import type { ReportCell, ReportData } from "../data.js";
import type { Heatmap } from "./heatmap.js";
import { number } from "./text.js";

export interface Measure {
  readonly id: "similarity" | "pair_iou" | "raw_iou" | "z";
  readonly label: string;
  readonly note: string;
  readonly digits: number;
}

export const MEASURES: readonly Measure[] = [
  {
    id: "similarity",
    label: "similarity S′",
    digits: 2,
    note: "Overlap of matched concepts on the pair's coarser grid, corrected for chance, less what the same photographs in permuted order give. 0: no more alike than by chance; 1: the same masks.",
  },
  {
    id: "pair_iou",
    label: "S before the null",
    digits: 2,
    note: "The same before the permuted photographs are subtracted: it still holds what all maps share by position, such as borders.",
  },
  {
    id: "raw_iou",
    label: "raw IoU",
    digits: 2,
    note: "Best set IoU on one fine grid, uncorrected: what is usually reported. It rises where two layers merely have the same resolution.",
  },
  {
    id: "z",
    label: "z against the null",
    digits: 0,
    note: "Distance from the null in its standard deviations: a flag only, it saturates.",
  },
];

/** The figure of one pair of networks, and for each of its cells the key "a-b" of the layers. */
export function pairHeatmap(
  data: ReportData,
  a: number,
  b: number,
  measure: Measure,
): { figure: Heatmap; keys: string[] } {
  const layersOf = (n: number) => data.layers.flatMap((l, at) => (l.network === n ? [at] : []));
  const rows = layersOf(a);
  const cols = layersOf(b);
  const cells = new Map<string, ReportCell>();
  for (const c of data.cells) {
    cells.set(`${c.a}-${c.b}`, c);
    cells.set(`${c.b}-${c.a}`, c);
  }
  const axis = (at: number) => ({ label: data.layers[at]!.short, depth: data.layers[at]!.depth });
  const names = data.run.models.map((m) => m.id);
  const all = rows.flatMap((r) => cols.map((c) => ({ r, c, cell: cells.get(`${r}-${c}`)! })));
  const values = all.map(({ r, c, cell }) =>
    r === c && measure.id === "similarity" ? data.layers[r]!.self : cell[measure.id],
  );
  const finite = values.filter((v) => v !== null);
  const figure: Heatmap = {
    title: `${measure.label}: ${names[a]} against ${names[b]}`,
    rows: rows.map(axis),
    cols: cols.map(axis),
    low: 0,
    high: Math.max(measure.id === "z" ? 1 : 0.05, ...finite),
    rowTitle: names[a]!,
    colTitle: names[b]!,
    digits: measure.digits,
    cells: all.map(({ r, c, cell }, at) => {
      const row = all.map((x, i) => ({ ...x, value: values[i]! })).filter((x) => x.r === r && x.r !== x.c);
      const best = row.reduce<number | null>(
        (top, x) => (x.value !== null && (top === null || x.value > top) ? x.value : top),
        null,
      );
      const said =
        r === c
          ? "the layer mined again from other images"
          : `95 % interval ${number(cell.ci_low)} to ${number(cell.ci_high)}, z ${number(cell.z, 0)}`;
      return {
        value: values[at]!,
        title: `${data.layers[r]!.short} and ${data.layers[c]!.short}: ${measure.label} ${number(values[at]!, measure.digits)}; ${said}`,
        doubtful: cell.flags.includes("not above chance") || cell.flags.includes("unstable"),
        ridge: r !== c && values[at] !== null && values[at] === best,
      };
    }),
  };
  return { figure, keys: all.map(({ r, c }) => `${r}-${c}`) };
}
