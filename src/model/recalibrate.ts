import type { ModelProto, TensorProto } from "../onnx/onnx_pb.js";
import type { ChannelStats } from "./channels.js";
import type { ShuffledConvolution } from "./shuffle.js";
import { floatsOf, withFloats } from "./weights.js";

/** Below this share of the mean, what varies in single precision is rounding. */
const ROUNDING = 1e-5;
const FEWEST_VALUES = 64;

export interface TwinHealth {
  readonly convolutions: number;
  readonly levels: number;
  readonly channels: number;
  /** Channels that vary in the trained network and do not in the twin. */
  readonly deadChannels: number;
  /** Largest magnitude at any convolution of the twin. */
  readonly maximum: number;
  /** Largest, over convolutions, of twin's maximum over the trained network's. */
  readonly maximumRatio: number;
  /** Largest error of a channel's mean against the trained one, in units of the trained standard deviation; dead channels left out. */
  readonly meanError: number;
  /** The same for standard deviations, as a share of the trained one; channels with a shared gain left out too. */
  readonly sdError: number;
}

/** y <- gain y + shift, a channel each. */
export interface Correction {
  readonly gain: Float64Array;
  readonly shift: Float64Array;
}

/**
 * What brings measured channels to their trained mean and standard deviation: gain = sd trained / sd measured, shift = mean trained - gain mean
 * measured. A channel that does not vary cannot get its standard deviation back and only its mean is restored. Where a channel has fewer than
 * `FEWEST_VALUES` values (squeeze-and-excite vectors: one an image), its own standard deviation is chance: all channels of the convolution then
 * share one gain, the ratio of their pooled standard deviations.
 */
export function correctionOf(trained: ChannelStats, measured: ChannelStats): Correction {
  const [wasPooled, isPooled] = [pooledSd(trained), pooledSd(measured)];
  const common = measured.count < FEWEST_VALUES ? wasPooled / isPooled : undefined;
  const gain = trained.sd.map((sd, c) => {
    if (!varies(trained, c, wasPooled) || !Number.isFinite(measured.mean[c]!)) return 0;
    if (common !== undefined && Number.isFinite(common)) return common;
    return varies(measured, c, isPooled) ? sd / measured.sd[c]! : 1;
  });
  return { gain, shift: trained.mean.map((m, c) => (gain[c] === 0 ? m : m - gain[c]! * measured.mean[c]!)) };
}

/** Works a correction into a convolution's weights and bias, or into the slot behind it. Writes into the model. */
export function recalibrateInto(model: ModelProto, conv: ShuffledConvolution, { gain, shift }: Correction): void {
  const find = (name: string) => model.graph!.initializer.find((t) => t.name === name)!;
  if (conv.slot.inside) {
    const weight = find(conv.slot.weight);
    const bias = find(conv.slot.bias);
    const channel = channelOf(conv, weight);
    replace(
      weight,
      Float32Array.from(floatsOf(weight)!, (v, i) => v * gain[channel(i)]!),
    );
    replace(
      bias,
      Float32Array.from(floatsOf(bias)!, (v, c) => v * gain[c]! + shift[c]!),
    );
    return;
  }
  const dims = conv.channelAxis === -1 ? [gain.length] : [1, gain.length, ...new Array(conv.slot.rank - 2).fill(1)];
  const scale = find(conv.slot.scale);
  const offset = find(conv.slot.shift);
  const [before, added] = [floatsOf(scale)!, floatsOf(offset)!];
  const at = (values: Float32Array, c: number) => values[values.length === 1 ? 0 : c]!;
  replace(
    scale,
    Float32Array.from(gain, (g, c) => g * at(before, c)),
    dims,
  );
  replace(
    offset,
    Float32Array.from(shift, (s, c) => gain[c]! * at(added, c) + s),
    dims,
  );
}

function replace(tensor: TensorProto, values: Float32Array, dims?: readonly number[]): void {
  Object.assign(tensor, withFloats(tensor, tensor.name ?? "", values, dims ? dims.map(BigInt) : tensor.dims));
}

function pooledSd(stats: ChannelStats): number {
  return Math.sqrt(stats.sd.reduce((sum, v) => sum + v * v, 0) / stats.sd.length);
}

/** Whether a channel varies by more than rounding, of its own mean and of its convolution's scale (`pooled`). */
function varies(stats: ChannelStats, c: number, pooled: number): boolean {
  return stats.sd[c]! > ROUNDING * Math.abs(stats.mean[c]!) && stats.sd[c]! > 0.1 * ROUNDING * pooled;
}

/** The output channel that an element of a weight tensor belongs to. */
function channelOf(conv: ShuffledConvolution, weight: TensorProto): (element: number) => number {
  const dims = weight.dims.map(Number);
  const size = dims.reduce((n, d) => n * d, 1);
  if (conv.op === "ConvTranspose") {
    // inputs x outputs of one group x kernel
    const kernel = size / (dims[0]! * dims[1]!);
    const inputs = dims[0]! / conv.group;
    return (i) => {
      const input = Math.floor(i / (kernel * dims[1]!));
      return Math.floor(input / inputs) * dims[1]! + (Math.floor(i / kernel) % dims[1]!);
    };
  }
  if (conv.slot.inside && conv.slot.columns) return (i) => i % dims[1]!;
  return (i) => Math.floor(i / (size / dims[0]!));
}

/** What the twin looks like beside the trained network, from the statistics of both. */
export function healthOf(
  convolutions: readonly ShuffledConvolution[],
  trained: ReadonlyMap<string, ChannelStats>,
  twin: ReadonlyMap<string, ChannelStats>,
): Omit<TwinHealth, "levels"> {
  let channels = 0;
  let deadChannels = 0;
  let maximum = 0;
  let maximumRatio = 0;
  let meanError = 0;
  let sdError = 0;
  for (const { name } of convolutions) {
    const [was, is] = [trained.get(name)!, twin.get(name)!];
    const [wasPooled, isPooled] = [pooledSd(was), pooledSd(is)];
    const [wasMost, isMost] = [largest(was.peak), largest(is.peak)];
    maximum = Math.max(maximum, isMost);
    maximumRatio = Math.max(maximumRatio, isMost / (wasMost || 1));
    channels += was.sd.length;
    for (let c = 0; c < was.sd.length; c++) {
      if (!varies(was, c, wasPooled)) continue;
      if (!varies(is, c, isPooled) || is.sd[c]! < 1e-3 * was.sd[c]!) {
        deadChannels++;
        continue;
      }
      meanError = Math.max(meanError, Math.abs(is.mean[c]! - was.mean[c]!) / was.sd[c]!);
      if (was.count >= FEWEST_VALUES) sdError = Math.max(sdError, Math.abs(is.sd[c]! / was.sd[c]! - 1));
    }
  }
  return { convolutions: convolutions.length, channels, deadChannels, maximum, maximumRatio, meanError, sdError };
}

function largest(values: Float64Array): number {
  return values.reduce((most, v) => Math.max(most, v), 0);
}
