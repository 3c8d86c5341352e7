import type { StudyResult } from "../study.js";
import type { ReportEdges, ReportLayer } from "./data.js";
import type { Partners } from "./partners.js";
import { ABOVE_NULL, MUTUAL } from "./partners.js";

/** Edges from each layer to the next deeper one of its network, kept where two concepts are each other's best or above the null's 99th percentile (METHOD.md, concept flow). */
export function flowEdges({ comparison }: StudyResult, layers: readonly ReportLayer[]): ReportEdges {
  const out = { from: [] as number[], to: [] as number[], value: [] as number[] };
  const cell = new Map(comparison.cells.map((c) => [`${c.a} ${c.b}`, c.result]));
  for (let a = 0; a + 1 < layers.length; a++) {
    if (layers[a]!.network !== layers[a + 1]!.network) continue;
    const result = cell.get(`${a} ${a + 1}`);
    if (!result) continue;
    const { similarity, iou, nullDistribution } = result;
    for (let i = 0; i < iou.corrected.rows; i++) {
      for (let j = 0; j < iou.corrected.cols; j++) {
        const v = iou.corrected.data[i * iou.corrected.cols + j]!;
        const mutual = similarity.bestForA[i] === j && similarity.bestForB[j] === i;
        if (!(v > 0) || !(mutual || v > nullDistribution.pair99)) continue;
        out.from.push(layers[a]!.first + i);
        out.to.push(layers[a + 1]!.first + j);
        out.value.push(Math.round(v * 1e3) / 1e3);
      }
    }
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
