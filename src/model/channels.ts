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
  /** Values that each channel was measured on: images times positions. */
  readonly count: number;
}

/** Some images as a network wants them, and where it runs. */
export interface Forward {
  readonly engine: Engine;
  readonly inputName: string;
  /** Batches, each run by itself. */
  readonly inputs: readonly TensorValue[];
}

/** Outputs held at a time, to bound memory. */
const AT_ONCE = 64;

/** Runs a network and measures tensors of it, `AT_ONCE` at a time. */
export async function measureChannels(
  { engine, inputName, inputs }: Forward,
  model: Uint8Array,
  probes: readonly Probe[],
): Promise<Map<string, ChannelStats>> {
  const stats = new Map<string, ChannelStats>();
  for (let at = 0; at < probes.length; at += AT_ONCE) {
    const some = probes.slice(at, at + AT_ONCE);
    const names = some.map((p) => p.name);
    const kernel = await engine.compile(withTaps(model, names));
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
}

/** Accumulates mean, standard deviation and peak of each channel; batches are merged by the parallel variance formula (Chan et al. 1983). */
export function channelSums(axis: 1 | -1): { add(value: TensorValue): void; result(): ChannelStats } {
  let count = 0;
  let mean = new Float64Array(0);
  let squares = new Float64Array(0);
  let peak = new Float64Array(0);
  return {
    add(value) {
      const { channels, outer, inner } = channelShape(value.dims, axis);
      const n = outer * inner;
      if (count === 0) {
        mean = new Float64Array(channels);
        squares = new Float64Array(channels);
        peak = new Float64Array(channels);
      }
      const data = floatValues(value);
      for (let c = 0; c < channels; c++) {
        const part = momentsOf(data, outer, channels * inner, c * inner, inner);
        const shift = part.mean - mean[c]!;
        mean[c]! += (shift * n) / (count + n);
        squares[c]! += part.squares + (shift * shift * count * n) / (count + n);
        peak[c] = Math.max(peak[c]!, part.peak);
      }
      count += n;
    },
    result: () => ({ mean, sd: squares.map((s) => Math.sqrt(s / (count || 1))), peak, count }),
  };
}

/** How channels lie in a tensor: `outer` blocks of channels x inner values. */
export function channelShape(dims: readonly number[], axis: 1 | -1) {
  const at = axis === 1 ? 1 : dims.length - 1;
  const product = (list: readonly number[]) => list.reduce((n, d) => n * d, 1);
  return { channels: dims[at]!, outer: product(dims.slice(0, at)), inner: product(dims.slice(at + 1)) };
}

/** The values of a float32 or float16 tensor; the tensor's own array for float32. */
export function floatValues(value: TensorValue): Float32Array {
  return value.type === "float16"
    ? Float32Array.from(value.data as Uint16Array, halfToFloat)
    : (value.data as Float32Array);
}

function momentsOf(data: Float32Array, blocks: number, stride: number, from: number, length: number) {
  let sum = 0;
  let peak = 0;
  for (let b = 0; b < blocks; b++) {
    const start = b * stride + from;
    for (let i = start; i < start + length; i++) {
      const v = data[i]!;
      sum += v;
      const size = v < 0 ? -v : v;
      if (size > peak) peak = size;
    }
  }
  const mean = sum / (blocks * length);
  let squares = 0;
  for (let b = 0; b < blocks; b++) {
    const start = b * stride + from;
    for (let i = start; i < start + length; i++) {
      const off = data[i]! - mean;
      squares += off * off;
    }
  }
  return { mean, squares, peak };
}
