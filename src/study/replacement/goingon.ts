import type { Tail } from "../../model/tail.js";
import { tailFrom } from "../../model/tail.js";
import type { ElementType, Kernel, TensorValue } from "../../numerics/engine.js";
import { halfToFloat } from "../../numerics/half.js";
import { divergence, isDistribution, squaredDistance } from "../../similarity/replacement.js";
import type { Context } from "../context.js";

/** What the network gives for an image, before anything is replaced: the cut tensor, and what goes around it. */
export interface Passing {
  readonly cut: TensorValue;
  readonly beside: Readonly<Record<string, TensorValue>>;
}

type Values = Float32Array | Float64Array;

/** A network that stops at one tensor and goes on from changed values of it. Call `release` at the end. */
export class GoingOn {
  #tail: Kernel | undefined;

  private constructor(
    private readonly context: Context,
    private readonly parts: Tail,
    private readonly head: Kernel,
    private readonly inputName: string,
    private readonly tap: string,
  ) {}

  /** Throws SamesightError `unsupported` where nothing is computed from the tensor. */
  static async open(context: Context, whole: Uint8Array, inputName: string, tap: string): Promise<GoingOn> {
    const parts = tailFrom(whole.slice(), tap); // the study shares its bytes between threads, which text decoders refuse
    return new GoingOn(context, parts, await context.engine.compile(parts.head), inputName, tap);
  }

  /** Branches that go around the cut. */
  get beside(): number {
    return this.parts.beside.length;
  }

  async pass(input: TensorValue): Promise<Passing> {
    const { [this.tap]: cut, ...beside } = await this.head.run({ [this.inputName]: input });
    if (!this.#tail) {
      const types = new Map<string, ElementType>(Object.entries(beside).map(([name, v]) => [name, v.type]));
      this.#tail = await this.context.engine.compile(this.parts.tail(types.set(this.tap, cut!.type)));
    }
    return { cut: cut!, beside };
  }

  /** Floating-point outputs, in the order of the graph. */
  async outputs(cut: TensorValue, { beside }: Passing): Promise<TensorValue[]> {
    const out = await this.#tail!.run({ [this.tap]: cut, ...beside });
    return this.parts.outputs.map((name) => out[name]!).filter((v) => /^float/.test(v.type));
  }

  async release(): Promise<void> {
    await this.head.release();
    await this.#tail?.release();
  }
}

/** How far apart outputs are: an output tensor a number. */
export interface Distance {
  /** Divergence of distributions over classes in nats, or squared Euclidean distance. */
  readonly kind: "divergence" | "squared";
  between(reference: readonly TensorValue[], other: readonly TensorValue[]): number[];
  /** Whether both name the same class first; undefined where there are no classes. */
  same(reference: readonly TensorValue[], other: readonly TensorValue[]): boolean | undefined;
}

/** By the look of the outputs for one image: one vector of two or more values is a classifier's. */
export function distanceFor(outputs: readonly TensorValue[]): Distance {
  const [only] = outputs;
  const classes = outputs.length === 1 && only!.data.length > 1 && Math.max(...only!.dims) === only!.data.length;
  if (!classes) {
    return {
      kind: "squared",
      between: (a, b) => a.map((v, o) => squaredDistance(floats(v), floats(b[o]!))),
      same: () => undefined,
    };
  }
  const logits = !isDistribution(floats(only!));
  return {
    kind: "divergence",
    between: ([a], [b]) => [divergence(floats(a!), floats(b!), logits)],
    same: ([a], [b]) => first(floats(a!)) === first(floats(b!)),
  };
}

function floats({ type, data }: TensorValue): Values {
  return type === "float16" ? Float32Array.from(data as Uint16Array, halfToFloat) : (data as Values);
}

function first(values: Values): number {
  let top = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[top]!) top = i;
  return top;
}
