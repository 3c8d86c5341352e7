import type { Engine, TensorValue } from "../numerics/engine.js";
import { halfToFloat } from "../numerics/half.js";
import { withTaps } from "./taps.js";

/** A tensor to be measured, and the axis that its channels lie along: 1 for feature maps, -1 (the last) for products of matrices. */
export interface Probe {
  readonly name: string;
  readonly channelAxis: 1 | -1;
}

/** Over images and positions, for each channel. */
export interface ChannelStats {
  readonly mean: Float64Array;
  /** Population standard deviation. */
  readonly sd: Float64Array;
  /** Largest magnitude. */
  readonly peak: Float64Array;
}

/** Runs a network on some images, the same at each call, and measures tensors of it. */
export type ForwardStats = (model: Uint8Array, probes: readonly Probe[]) => Promise<ReadonlyMap<string, ChannelStats>>;

/** Outputs held at a time, to bound memory. */
const AT_ONCE = 24;

/** The `ForwardStats` of fixed inputs, each a batch as the network wants it. Two passes over each output, in double precision. */
export function forwardStatsOn(engine: Engine, inputName: string, inputs: readonly TensorValue[]): ForwardStats {
  return async (model, probes) => {
    const stats = new Map<string, ChannelStats>();
    for (let at = 0; at < probes.length; at += AT_ONCE) {
      const some = probes.slice(at, at + AT_ONCE);
      const kernel = await engine.compile(
        withTaps(
          model,
          some.map((p) => p.name),
        ),
      );
      try {
        const sums = some.map((p) => channelSums(p.channelAxis));
        for (const input of inputs) {
          const out = await kernel.run({ [inputName]: input });
          some.forEach((p, i) => {
            sums[i]!.add(out[p.name]!);
          });
        }
        some.forEach((p, i) => {
          stats.set(p.name, sums[i]!.result());
        });
      } finally {
        await kernel.release();
      }
    }
    return stats;
  };
}

/** Accumulates mean, standard deviation and peak of each channel; batches are merged by the parallel variance formula (Chan et al. 1983). */
export function channelSums(axis: 1 | -1): { add(value: TensorValue): void; result(): ChannelStats } {
  let count = 0;
  let mean = new Float64Array(0);
  let squares = new Float64Array(0);
  let peak = new Float64Array(0);
  return {
    add(value) {
      const at = axis === 1 ? 1 : value.dims.length - 1;
      const channels = value.dims[at]!;
      const inner = value.dims.slice(at + 1).reduce((n, d) => n * d, 1);
      const outer = value.dims.slice(0, at).reduce((n, d) => n * d, 1);
      const n = outer * inner;
      if (count === 0) {
        mean = new Float64Array(channels);
        squares = new Float64Array(channels);
        peak = new Float64Array(channels);
      }
      const data = value.type === "float16" ? Float32Array.from(value.data as Uint16Array, halfToFloat) : value.data;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        let most = 0;
        let off = 0;
        for (let o = 0; o < outer; o++) {
          const from = (o * channels + c) * inner;
          for (let i = from; i < from + inner; i++) {
            const v = data[i] as number;
            sum += v;
            most = Math.max(most, Math.abs(v));
          }
        }
        const own = sum / n;
        for (let o = 0; o < outer; o++) {
          const from = (o * channels + c) * inner;
          for (let i = from; i < from + inner; i++) off += ((data[i] as number) - own) ** 2;
        }
        const shift = own - mean[c]!;
        mean[c]! += (shift * n) / (count + n);
        squares[c]! += off + (shift * shift * count * n) / (count + n);
        peak[c] = Math.max(peak[c]!, most);
      }
      count += n;
    },
    result: () => ({ mean, sd: squares.map((s) => Math.sqrt(s / (count || 1))), peak }),
  };
}
