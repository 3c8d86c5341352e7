/**
 * A network of plain operators run in double precision, written from the operators' definitions: what a float32 runtime should come near.
 * One picture, NCHW. Operators: Conv (explicit pads), Add, Mul, Clip, Relu, Sigmoid, ReduceMean over the grid, Concat of channels,
 * Resize (linear, asymmetric), Identity.
 */
import { floatsOf } from "../../src/model/weights.js";
import type { ModelProto, NodeProto } from "../../src/onnx/onnx_pb.js";

export interface Planes64 {
  readonly data: Float64Array;
  readonly dims: readonly number[];
}

/** Every tensor of the network by name. */
export function runIn64(model: ModelProto, inputName: string, input: Planes64): Map<string, Planes64> {
  const values = new Map<string, Planes64>([[inputName, input]]);
  for (const t of model.graph!.initializer) {
    const data = floatsOf(t);
    if (data) values.set(t.name!, { data: Float64Array.from(data), dims: t.dims.map(Number) });
  }
  for (const n of model.graph!.node) {
    const operator = OPERATORS[n.opType!];
    if (!operator) throw new Error(`no double precision for ${n.opType}`);
    values.set(
      n.output[0]!,
      operator(n, (i) => values.get(n.input[i] ?? "")),
    );
  }
  return values;
}

type Operator = (n: NodeProto, x: (i: number) => Planes64 | undefined) => Planes64;

const ints = (n: NodeProto, name: string) => n.attribute.find((a) => a.name === name)?.ints.map(Number);
const int = (n: NodeProto, name: string) => Number(n.attribute.find((a) => a.name === name)?.i ?? 0);
const each = (x: Planes64, f: (v: number) => number): Planes64 => ({ data: x.data.map(f), dims: x.dims });

const OPERATORS: Readonly<Record<string, Operator>> = {
  Conv: (n, x) =>
    conv(x(0)!, x(1)!, x(2), ints(n, "strides")!, ints(n, "pads")!, ints(n, "dilations")!, int(n, "group")),
  Add: (_, x) => broadcast(x(0)!, x(1)!, (a, b) => a + b),
  Mul: (_, x) => broadcast(x(0)!, x(1)!, (a, b) => a * b),
  Relu: (_, x) => each(x(0)!, (v) => Math.max(0, v)),
  Clip: (_, x) => {
    const [low, high] = [x(1)?.data[0] ?? Number.NEGATIVE_INFINITY, x(2)?.data[0] ?? Number.POSITIVE_INFINITY];
    return each(x(0)!, (v) => Math.min(high, Math.max(low, v)));
  },
  Sigmoid: (_, x) => each(x(0)!, (v) => 1 / (1 + Math.exp(-v))),
  Identity: (_, x) => x(0)!,
  ReduceMean: (_, x) => {
    const { data, dims } = x(0)!;
    const cells = dims[2]! * dims[3]!;
    const mean = Float64Array.from({ length: dims[1]! }, (_, c) => {
      let sum = 0;
      for (let i = c * cells; i < (c + 1) * cells; i++) sum += data[i]!;
      return sum / cells;
    });
    return { data: mean, dims: [1, dims[1]!, 1, 1] };
  },
  Concat: (n, x) => {
    const parts = n.input.map((_, i) => x(i)!);
    const data = new Float64Array(parts.reduce((s, p) => s + p.data.length, 0));
    let at = 0;
    for (const p of parts) {
      data.set(p.data, at);
      at += p.data.length;
    }
    return { data, dims: [1, parts.reduce((s, p) => s + p.dims[1]!, 0), parts[0]!.dims[2]!, parts[0]!.dims[3]!] };
  },
  Resize: (_, x) => {
    const [, , sy, sx] = x(2)!.data;
    const { data, dims } = x(0)!;
    const [, c, h, w] = dims as [number, number, number, number];
    const [H, W] = [h * sy!, w * sx!];
    const out = new Float64Array(c * H * W);
    for (let k = 0, to = 0; k < c; k++)
      for (let y = 0; y < H; y++)
        for (let i = 0; i < W; i++) {
          const [v, u] = [y / sy!, i / sx!];
          const [y0, x0] = [Math.floor(v), Math.floor(u)];
          const [y1, x1] = [Math.min(h - 1, y0 + 1), Math.min(w - 1, x0 + 1)];
          const at = (r: number, q: number) => data[(k * h + r) * w + q]!;
          const top = at(y0, x0) * (1 - u + x0) + at(y0, x1) * (u - x0);
          const bottom = at(y1, x0) * (1 - u + x0) + at(y1, x1) * (u - x0);
          out[to++] = top * (1 - v + y0) + bottom * (v - y0);
        }
    return { data: out, dims: [1, c, H, W] };
  },
};

/** A scalar, a value a channel, or two equal shapes. */
function broadcast(a: Planes64, b: Planes64, f: (a: number, b: number) => number): Planes64 {
  const like = a.data.length >= b.data.length ? a : b;
  const cells = (like.dims[2] ?? 1) * (like.dims[3] ?? 1);
  const at = (x: Planes64, i: number) =>
    x.data[x.data.length === like.data.length ? i : x.data.length === 1 ? 0 : Math.floor(i / cells)]!;
  return { data: like.data.map((_, i) => f(at(a, i), at(b, i))), dims: like.dims };
}

function conv(
  x: Planes64,
  w: Planes64,
  bias: Planes64 | undefined,
  [sy, sx]: readonly number[],
  [top, left, bottom, right]: readonly number[],
  [dy, dx]: readonly number[],
  group: number,
): Planes64 {
  const [, cin, h, width] = x.dims as [number, number, number, number];
  const [cout, each, kh, kw] = w.dims as [number, number, number, number];
  const H = Math.floor((h + top! + bottom! - (kh - 1) * dy! - 1) / sy!) + 1;
  const W = Math.floor((width + left! + right! - (kw - 1) * dx! - 1) / sx!) + 1;
  const out = new Float64Array(cout * H * W);
  for (let o = 0; o < cout; o++) {
    const plane = out.subarray(o * H * W, (o + 1) * H * W).fill(bias?.data[o] ?? 0);
    const first = Math.floor(o / (cout / group)) * (cin / group);
    for (let c = 0; c < each; c++)
      for (let r = 0; r < kh; r++)
        for (let q = 0; q < kw; q++) {
          const weight = w.data[((o * each + c) * kh + r) * kw + q]!;
          for (let y = 0; y < H; y++) {
            const v = y * sy! - top! + r * dy!;
            if (v < 0 || v >= h) continue;
            const row = ((first + c) * h + v) * width;
            for (let i = 0; i < W; i++) {
              const u = i * sx! - left! + q * dx!;
              if (u >= 0 && u < width) plane[y * W + i]! += weight * x.data[row + u]!;
            }
          }
        }
  }
  return { data: out, dims: [1, cout, H, W] };
}
