import type { FlowRow } from "../contract/trust.js";
import type { ReportEdges, ReportLayer } from "./data.js";
import type { Partners } from "./partners.js";
import { ABOVE_NULL, MUTUAL } from "./partners.js";

/** Edges of flow.csv inside networks, from each layer to the next deeper one. */
export function flowEdges(
  rows: readonly FlowRow[],
  layers: readonly ReportLayer[],
  networks: readonly string[],
): ReportEdges {
  const out = { from: [] as number[], to: [] as number[], value: [] as number[] };
  const first = new Map(layers.map((l) => [`${networks[l.network]}\n${l.name}`, l.first]));
  for (const row of rows) {
    if (row.scope !== "within") continue;
    const from = first.get(`${row.model_a}\n${row.layer_a}`);
    const to = first.get(`${row.model_b}\n${row.layer_b}`);
    if (from === undefined || to === undefined) continue;
    out.from.push(from + row.concept_a);
    out.to.push(to + row.concept_b);
    out.value.push(Math.round(row.weight * 1e3) / 1e3);
  }
  return out;
}

/** One edge a pair of concepts of two networks that are each other's best over all layers, and above the null in some layer. */
export function sharedEdges(p: Partners, layers: readonly ReportLayer[]): ReportEdges {
  const out = { from: [] as number[], to: [] as number[], value: [] as number[] };
  const networks = Math.max(...layers.map((l) => l.network)) + 1;
  for (const layer of layers) {
    for (let c = layer.first; c < layer.first + layer.k; c++) {
      for (let n = layer.network + 1; n < networks; n++) {
        const at = c * networks + n;
        if (p.networkMark[at] !== (MUTUAL | ABOVE_NULL)) continue;
        out.from.push(c);
        out.to.push(p.networkBest[at]!);
        out.value.push(p.networkValue[at]!);
      }
    }
  }
  return out;
}
