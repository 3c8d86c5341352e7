/** Small networks written operator by operator, so that tests know what the answer must be. */
import type { TensorValue } from "../../src/numerics/engine.js";
import { normal, seededRandom } from "../../src/numerics/random.js";
import type { AttributeValue, Dimension } from "../../src/onnx/build.js";
import { floats, ints, modelBytes, node, valueInfo } from "../../src/onnx/build.js";
import type { NodeProto, TensorProto } from "../../src/onnx/onnx_pb.js";

export class Net {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  private readonly random = seededRandom("net");
  private readonly channels = new Map<string, number>();

  constructor(private readonly input: readonly Dimension[] = [1, 3, 32, 32]) {
    this.channels.set("image", 3);
  }

  /** One node with one output named as given. */
  op(type: string, inputs: readonly string[], name: string, attributes: Record<string, AttributeValue> = {}): string {
    this.nodes.push(node(type, inputs, [name], attributes));
    this.channels.set(name, this.channels.get(inputs[0]!) ?? 0);
    return name;
  }

  weight(name: string, dims: readonly number[], scale = 1): string {
    const size = dims.reduce((a, b) => a * b, 1);
    const values = Array.from({ length: size }, () => scale * normal(this.random));
    this.initializers.push(floats(name, dims, values));
    return name;
  }

  ints(name: string, values: readonly number[]): string {
    this.initializers.push(ints(name, [values.length], values));
    return name;
  }

  /** Convolution with `same` padding; group 0 means depthwise. */
  conv(from: string, name: string, out: number, { kernel = 3, stride = 1, group = 1 } = {}): string {
    const cin = this.channels.get(from)!;
    const groups = group === 0 ? cin : group;
    const dims = [out, cin / groups, kernel, kernel];
    this.weight(`${name}.w`, dims, Math.sqrt(2 / (dims[1]! * kernel * kernel)));
    const pad = (kernel - 1) / 2;
    this.op("Conv", [from, `${name}.w`], name, {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      group: groups,
      pads: [pad, pad, pad, pad],
    });
    this.channels.set(name, out);
    return name;
  }

  join(type: "Add" | "Concat" | "Mul", inputs: readonly string[], name: string): string {
    this.op(type, inputs, name, type === "Concat" ? { axis: 1 } : {});
    if (type === "Concat")
      this.channels.set(
        name,
        inputs.reduce((n, i) => n + this.channels.get(i)!, 0),
      );
    return name;
  }

  bytes(outputs: readonly string[], opset = 17): Uint8Array {
    const inputs = [valueInfo("image", "float32", this.input)];
    return modelBytes({ nodes: this.nodes, inputs, outputs, initializers: this.initializers }, opset);
  }
}

/** Between two convolutions a product over channels that lie last, as attention and ConvNeXt blocks are exported; a head of Flatten and Gemm. */
export function channelsLast(): Net {
  const net = new Net();
  net.op("Relu", [net.conv("image", "stem", 8, { stride: 2 })], "stem.act");
  net.op("Transpose", ["stem.act"], "last", { perm: [0, 2, 3, 1] });
  net.op("MatMul", ["last", net.weight("mix.w", [8, 8], 0.5)], "mix");
  net.op("Relu", ["mix"], "mix.act");
  net.op("Transpose", ["mix.act"], "first", { perm: [0, 3, 1, 2] });
  const end = net.op("Relu", [net.conv("first", "b", 16, { stride: 2 })], "b.act");
  net.op("Flatten", [net.op("GlobalAveragePool", [end], "pool")], "flat");
  net.op("Gemm", ["flat", net.weight("head.w", [16, 5], 0.5)], "scores");
  return net;
}

/** Stem, residual block, down-sampling residual block with squeeze-and-excite, two heads. */
export function residual(input: readonly Dimension[] = [1, 3, 32, 32]): Net {
  const net = new Net(input);
  net.op("Relu", [net.conv("image", "stem", 8, { stride: 2 })], "stem.act");
  net.op("Relu", [net.conv("stem.act", "a1", 8)], "a1.act");
  net.conv("a1.act", "a2", 8);
  net.op("Relu", [net.join("Add", ["a2", "stem.act"], "a.sum")], "a.act");
  net.op("Relu", [net.conv("a.act", "b1", 16, { stride: 2 })], "b1.act");
  net.op("GlobalAveragePool", ["b1.act"], "se.pool");
  net.op("Relu", [net.conv("se.pool", "se.squeeze", 4, { kernel: 1 })], "se.act");
  net.op("Sigmoid", [net.conv("se.act", "se.excite", 16, { kernel: 1 })], "se.gate");
  net.join("Mul", ["b1.act", "se.gate"], "se.scaled");
  net.conv("se.scaled", "b2", 16);
  net.conv("a.act", "b.short", 16, { kernel: 1, stride: 2 });
  net.op("Relu", [net.join("Add", ["b2", "b.short"], "b.sum")], "b.act");
  net.op("Relu", [net.conv("b.act", "class1", 8)], "class1.act");
  net.op("Sigmoid", [net.conv("class1.act", "class2", 5, { kernel: 1 })], "scores");
  net.conv("b.act", "boxes", 4, { kernel: 1 });
  return net;
}

/** Inverted residuals as MobileNet has them: the second without a shortcut. */
export function inverted(): Net {
  const net = new Net();
  net.op("Clip", [net.conv("image", "stem", 8, { stride: 2 }), "", "six"], "stem.act");
  net.initializers.push(floats("six", [], [6]));
  const block = (from: string, name: string, out: number, stride: number, act: (x: string, to: string) => string) => {
    act(net.conv(from, `${name}.expand`, 16, { kernel: 1 }), `${name}.expand.act`);
    act(net.conv(`${name}.expand.act`, `${name}.dw`, 16, { group: 0, stride }), `${name}.dw.act`);
    return net.conv(`${name}.dw.act`, `${name}.project`, out, { kernel: 1 });
  };
  const relu6 = (x: string, to: string) => net.op("Clip", [x, "", "six"], to);
  const silu = (x: string, to: string) => net.join("Mul", [x, net.op("Sigmoid", [x], `${to}.gate`)], to);
  net.join("Add", [block("stem.act", "one", 8, 1, relu6), "stem.act"], "one.sum");
  block("one.sum", "two", 12, 2, silu);
  silu(net.conv("two.project", "last", 32, { kernel: 1 }), "last.act");
  net.conv("last.act", "out", 5, { kernel: 1 });
  return net;
}

/** Encoder, bottleneck and decoder with skip connections by concatenation. */
export function unet(): Net {
  const net = new Net();
  const block = (from: string, name: string, out: number) => net.op("Relu", [net.conv(from, name, out)], `${name}.act`);
  net.op("MaxPool", [block("image", "e1", 8)], "p1", { kernel_shape: [2, 2], strides: [2, 2] });
  net.op("MaxPool", [block("p1", "e2", 16)], "p2", { kernel_shape: [2, 2], strides: [2, 2] });
  block("p2", "mid", 32);
  net.initializers.push(floats("twice", [4], [1, 1, 2, 2]));
  net.op("Resize", ["mid.act", "", "twice"], "up2");
  net.join("Concat", ["up2", "e2.act"], "cat2");
  net.op("Resize", [block("cat2", "d2", 16), "", "twice"], "up1");
  net.join("Concat", ["up1", "e1.act"], "cat1");
  net.conv(block("cat1", "d1", 8), "mask", 2, { kernel: 1 });
  return net;
}

export function picture(dims: readonly number[], seed = "picture"): TensorValue {
  const random = seededRandom(seed);
  const size = dims.reduce((a, b) => a * b, 1);
  return { type: "float32", dims, data: Float32Array.from({ length: size }, () => normal(random)) };
}
