import { iou } from "../numerics/iou.js";
import type { LogisticBlock } from "../numerics/logistic.js";
import type { Matrix } from "../numerics/types.js";
import type { ProbeFit } from "./probe.js";
import type { PreparedRows } from "./proberows.js";

/** Rows looked at; evenly spaced. */
const MOST_ROWS = 12_000;

export interface BestFilters {
  /** As probes: vector = the channel alone, bias = - its cut; so score > 0 is the channel's mask. */
  readonly fit: Pick<ProbeFit, "vectors" | "bias">;
  /** 0-based; -1 where no channel overlaps the concept. */
  readonly channel: Int32Array;
  /** Set IoU on the rows looked at. */
  readonly iou: Float64Array;
}

/**
 * The single channel that shows each concept best on the rows to fit (NetDissect's unit), a cut a channel at its upper quantile: the concept's own
 * base rate, so that the mask can be as large as the concept (METHOD.md M8), or a given one (NetDissect: .005).
 */
export async function bestFilters(
  prepared: PreparedRows,
  quantile: "base-rate" | number = "base-rate",
): Promise<BestFilters> {
  const { concepts: k, channels: c, mean, scale } = prepared;
  const { rows, targets } = await sampled(prepared);
  const n = rows.rows;
  const base = new Float64Array(k);
  for (let r = 0; r < n; r++) for (let j = 0; j < k; j++) base[j]! += targets[r * k + j]!;
  const above = Array.from(base, (b) =>
    Math.max(1, Math.min(n - 1, Math.round(quantile === "base-rate" ? b : quantile * n))),
  );
  const best = { channel: new Int32Array(k).fill(-1), iou: new Float64Array(k), cut: new Float64Array(k) };
  const column = new Float32Array(n);
  for (let i = 0; i < c; i++) {
    if (scale[i] === 0) continue;
    for (let r = 0; r < n; r++) column[r] = rows.data[r * c + i]!;
    const sorted = column.slice().sort();
    for (let j = 0; j < k; j++) {
      // ties at the cut are outside, as everywhere
      const cut = sorted[n - 1 - above[j]!]!;
      let both = 0;
      let area = 0;
      for (let r = 0; r < n; r++) {
        if (column[r]! > cut) {
          area++;
          both += targets[r * k + j]!;
        }
      }
      const value = iou(both, area, base[j]!);
      if (value > best.iou[j]!) {
        best.iou[j] = value;
        best.channel[j] = i;
        best.cut[j] = cut / scale[i]! + mean[i]!;
      }
    }
  }
  const vectors: Matrix = { data: new Float32Array(k * c), rows: k, cols: c };
  best.channel.forEach((i, j) => {
    if (i >= 0) vectors.data[j * c + i] = 1;
  });
  return {
    fit: { vectors, bias: best.cut.map((t, j) => (best.channel[j]! < 0 ? -1 : -t)) },
    channel: best.channel,
    iou: best.iou,
  };
}

async function sampled(prepared: PreparedRows): Promise<{ rows: Matrix; targets: Float32Array }> {
  const { channels: c, concepts: k } = prepared;
  const step = Math.max(1, Math.ceil(prepared.rows / MOST_ROWS));
  const most = Math.ceil(prepared.rows / step);
  const data = new Float32Array(most * c);
  const targets = new Float32Array(most * k);
  let to = 0;
  let at = 0;
  for await (const block of prepared.blocks) {
    for (let r = (step - (at % step)) % step; r < block.rows.rows; r += step) {
      if (!known(block, r)) continue;
      data.set(block.rows.data.subarray(r * c, (r + 1) * c), to * c);
      targets.set(block.targets.subarray(r * k, (r + 1) * k), to * k);
      to++;
    }
    at += block.rows.rows;
  }
  return { rows: { data: data.subarray(0, to * c), rows: to, cols: c }, targets: targets.subarray(0, to * k) };
}

/** Whether at least half of the cell is known for some concept. */
function known({ weights, rows }: LogisticBlock, r: number): boolean {
  const each = weights.length / rows.rows;
  for (let j = 0; j < each; j++) if (weights[r * each + j]! >= 0.5) return true;
  return false;
}
