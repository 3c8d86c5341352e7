import type { StudyResult } from "../study.js";
import type { ReportLayer } from "./data.js";

/** Bits of a mark. */
export const MUTUAL = 1;
/** Above the 99th percentile of pairs of concepts with the photographs permuted. */
export const ABOVE_NULL = 2;

/** Best partners of every concept. Concepts by their place in the report, `-1` and NaN for none. */
export interface Partners {
  /** concepts x layers: the partner's place within the layer's concepts. */
  readonly best: Int32Array;
  readonly value: Float32Array;
  readonly mark: Uint8Array;
  /** concepts x networks: the partner over all layers of a network other than the concept's own; its place among all concepts. */
  readonly networkBest: Int32Array;
  readonly networkValue: Float32Array;
  /** MUTUAL when the partner has this one as its best in this one's network too. */
  readonly networkMark: Uint8Array;
}

export function partnersOf({ study, comparison }: StudyResult, layers: readonly ReportLayer[]): Partners {
  const total = layers.reduce((sum, l) => sum + l.k, 0);
  const networks = study.networks.length;
  const best = new Int32Array(total * layers.length).fill(-1);
  const value = new Float32Array(total * layers.length).fill(Number.NaN);
  const mark = new Uint8Array(total * layers.length);
  for (const { a, b, result } of comparison.cells) {
    if (a === b) continue;
    const { similarity, iou, nullDistribution } = result;
    const put = (concept: number, layer: number, partner: number, i: number, j: number, mutual: boolean) => {
      if (partner < 0) return;
      const at = concept * layers.length + layer;
      const v = iou.corrected.data[i * iou.corrected.cols + j]!;
      best[at] = partner;
      value[at] = Math.round(v * 1e3) / 1e3;
      mark[at] = (mutual ? MUTUAL : 0) | (v > nullDistribution.pair99 ? ABOVE_NULL : 0);
    };
    for (const [i, j] of similarity.bestForA.entries())
      put(layers[a]!.first + i, b, j, i, j, similarity.bestForB[j] === i);
    for (const [j, i] of similarity.bestForB.entries())
      put(layers[b]!.first + j, a, i, i, j, similarity.bestForA[i] === j);
  }
  return { best, value, mark, ...overNetworks(best, value, mark, layers, networks) };
}

function overNetworks(
  best: Int32Array,
  value: Float32Array,
  mark: Uint8Array,
  layers: readonly ReportLayer[],
  networks: number,
): Pick<Partners, "networkBest" | "networkValue" | "networkMark"> {
  const total = best.length / layers.length;
  const networkBest = new Int32Array(total * networks).fill(-1);
  const networkValue = new Float32Array(total * networks).fill(Number.NaN);
  const networkMark = new Uint8Array(total * networks);
  const own = new Int32Array(total);
  for (const l of layers) own.fill(l.network, l.first, l.first + l.k);
  for (let c = 0; c < total; c++) {
    layers.forEach((layer, m) => {
      const at = c * layers.length + m;
      const to = c * networks + layer.network;
      if (best[at]! < 0 || layer.network === own[c]) return;
      if (Number.isNaN(networkValue[to]!) || value[at]! > networkValue[to]!) {
        networkBest[to] = layer.first + best[at]!;
        networkValue[to] = value[at]!;
      }
      networkMark[to]! |= mark[at]! & ABOVE_NULL;
    });
  }
  for (let c = 0; c < total; c++) {
    for (let n = 0; n < networks; n++) {
      const partner = networkBest[c * networks + n]!;
      if (partner >= 0 && networkBest[partner * networks + own[c]!] === c) networkMark[c * networks + n]! |= MUTUAL;
    }
  }
  return { networkBest, networkValue, networkMark };
}
