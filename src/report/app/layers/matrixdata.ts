import type { LayerMatrix } from "../../render/layermatrix.js";
import { number } from "../../render/text.js";
import type { Measure } from "../model.js";
import { cellOf, doubt, interval, layers, layersOf, methodLabel, names, ownMethod } from "../model.js";

export interface PairMatrix {
  readonly matrix: LayerMatrix;
  readonly rows: readonly number[];
  readonly cols: readonly number[];
}

/** Figure of a pair of networks. On the diagonal of S' stands each layer's similarity with its own refit. */
export function pairMatrix(a: number, b: number, method: string, measure: Measure, high?: number): PairMatrix {
  const rows = layersOf(a);
  const cols = layersOf(b);
  const entries = rows.flatMap((r) =>
    cols.map((c) => {
      const cell = cellOf(method, r, c);
      const refit = r === c && measure.id === "similarity" && method === ownMethod;
      return { r, c, cell, refit, value: refit ? layers[r]!.self : (cell?.of(measure.id) ?? null) };
    }),
  );
  const finite = entries.flatMap((e) => (e.value === null ? [] : [e.value]));
  const top = Math.max(measure.id === "z" ? 1 : 0.05, ...finite);
  const best = new Map(
    rows.map((r) => {
      const own = entries.filter((e) => e.r === r && e.c !== r && e.value !== null);
      return [
        r,
        own.reduce<(typeof own)[number] | undefined>((m, e) => (!m || e.value! > m.value! ? e : m), undefined),
      ];
    }),
  );
  const axis = (l: number) => ({ label: layers[l]!.short, title: layers[l]!.name, depth: layers[l]!.depth });
  const what = method === ownMethod ? measure.label : methodLabel(method);
  return {
    rows,
    cols,
    matrix: {
      id: `m${a}-${b}`,
      title: `${what}: ${names[a]} against ${names[b]}`,
      label: what,
      rowTitle: names[a]!,
      colTitle: names[b]!,
      rows: rows.map(axis),
      cols: cols.map(axis),
      low: 0,
      high: high ?? top,
      digits: measure.digits,
      cells: entries.map(({ r, c, cell, refit, value }) => {
        const care = cell ? doubt(cell.flags) : "";
        const more = refit
          ? "the layer mined again from other photographs"
          : cell
            ? `95 % interval ${interval(cell)}, z ${number(cell.of("z"), 0)}`
            : "not computed";
        return {
          value,
          title: `${layers[r]!.short} and ${layers[c]!.short}: ${what} ${number(value, measure.digits)}; ${more}${care ? `; take care: ${care}` : ""}`,
          doubt: refit ? "" : care,
          ridge: r !== c && best.get(r)?.c === c && value !== null,
        };
      }),
    },
  };
}
