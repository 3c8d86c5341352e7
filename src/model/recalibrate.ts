import type { Random } from "../numerics/types.js";
import type { ModelProto, TensorProto } from "../onnx/onnx_pb.js";
import type { ChannelStats, ForwardStats } from "./channels.js";
import { readModel, writeModel } from "./read.js";
import type { ShuffledConvolution } from "./shuffle.js";
import { shuffleWeights } from "./shuffle.js";
import { floatsOf, withFloats } from "./weights.js";

/** Below this share of the mean, what varies in single precision is rounding. */
const ROUNDING = 1e-5;

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
  /** Largest error of a channel's mean and standard deviation against the trained ones, in units of the trained standard deviation; dead channels left out. */
  readonly meanError: number;
  readonly sdError: number;
}

/**
 * The null twin of a network (METHOD.md M3): weights shuffled inside each tensor, then each convolution's output channels brought back to their
 * trained mean and standard deviation, level by level, each level measured with those before it already restored. One forward pass a level, one
 * of the trained network and one of the finished twin; about 8 images do. Names of tensors stay, so the twin goes through the same pipeline.
 */
export async function recalibratedTwin(
  bytes: Uint8Array,
  forwardStats: ForwardStats,
  random: Random,
): Promise<{ model: Uint8Array; health: TwinHealth }> {
  const { model, convolutions } = shuffleWeights(readModel(bytes), random);
  const trained = await forwardStats(bytes, convolutions);
  const levels = [...new Set(convolutions.map((c) => c.level))].sort((a, b) => a - b);
  for (const level of levels) {
    const these = convolutions.filter((c) => c.level === level);
    recalibrateLevelInto(model, these, trained, await forwardStats(writeModel(model), these));
  }
  const twin = writeModel(model);
  const health = healthOf(convolutions, trained, await forwardStats(twin, convolutions));
  return { model: twin, health: { ...health, levels: levels.length } };
}

/**
 * Rescales the output channels of convolutions that do not feed each other: y <- gain y + shift with gain = sd trained / sd measured and
 * shift = mean trained - gain mean measured, inside weights and bias or in the slot behind. A channel that does not vary cannot get its standard
 * deviation back and only its mean is restored. Writes into the model.
 */
export function recalibrateLevelInto(
  model: ModelProto,
  convolutions: readonly ShuffledConvolution[],
  trained: ReadonlyMap<string, ChannelStats>,
  measured: ReadonlyMap<string, ChannelStats>,
): void {
  const tensors = new Map(model.graph!.initializer.map((t) => [t.name ?? "", t]));
  for (const conv of convolutions) {
    const { gain, shift } = correction(trained.get(conv.name)!, measured.get(conv.name)!);
    if (conv.slot.inside) {
      const weight = tensors.get(conv.slot.weight)!;
      const bias = tensors.get(conv.slot.bias)!;
      const values = floatsOf(weight)!;
      const channel = channelOf(conv, weight);
      replace(
        weight,
        Float32Array.from(values, (v, i) => v * gain[channel(i)]!),
      );
      replace(
        bias,
        Float32Array.from(floatsOf(bias)!, (v, c) => v * gain[c]! + shift[c]!),
      );
    } else {
      const dims = conv.channelAxis === -1 ? [gain.length] : [1, gain.length, ...new Array(conv.slot.rank - 2).fill(1)];
      const scale = tensors.get(conv.slot.scale)!;
      const offset = tensors.get(conv.slot.shift)!;
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
  }
}

function replace(tensor: TensorProto, values: Float32Array, dims?: readonly number[]): void {
  Object.assign(tensor, withFloats(tensor, tensor.name ?? "", values, dims ? dims.map(BigInt) : tensor.dims));
}

function correction(trained: ChannelStats, measured: ChannelStats): { gain: Float64Array; shift: Float64Array } {
  const gain = trained.sd.map((sd, c) => {
    if (!varies(trained, c) || !Number.isFinite(measured.mean[c]!)) return 0;
    return varies(measured, c) ? sd / measured.sd[c]! : 1;
  });
  return { gain, shift: trained.mean.map((m, c) => (gain[c] === 0 ? m : m - gain[c]! * measured.mean[c]!)) };
}

function varies(stats: ChannelStats, c: number): boolean {
  return stats.sd[c]! > ROUNDING * Math.abs(stats.mean[c]!);
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
    const [wasMost, isMost] = [largest(was.peak), largest(is.peak)];
    maximum = Math.max(maximum, isMost);
    maximumRatio = Math.max(maximumRatio, isMost / (wasMost || 1));
    channels += was.sd.length;
    for (let c = 0; c < was.sd.length; c++) {
      if (!varies(was, c)) continue;
      if (!varies(is, c) || is.sd[c]! < 1e-3 * was.sd[c]!) {
        deadChannels++;
        continue;
      }
      meanError = Math.max(meanError, Math.abs(is.mean[c]! - was.mean[c]!) / was.sd[c]!);
      sdError = Math.max(sdError, Math.abs(is.sd[c]! / was.sd[c]! - 1));
    }
  }
  return { convolutions: convolutions.length, channels, deadChannels, maximum, maximumRatio, meanError, sdError };
}

function largest(values: Float64Array): number {
  return values.reduce((most, v) => Math.max(most, v), 0);
}
