import { conceptMethods } from "../concepts/methods.js";
import type { MinedLayer } from "../concepts/mine.js";
import { preparePlanes } from "../concepts/negative.js";
import { toFrame } from "../maps/resample.js";
import type { TensorValue } from "../numerics/engine.js";
import { conceptsOf } from "./concepts.js";
import type { Context } from "./context.js";
import type { Sight } from "./look.js";
import { firstOf } from "./plan.js";

export type MapKind = "main" | "refit";
export const MAP_KINDS: readonly MapKind[] = ["main", "refit"];

/** Collects the maps of one network over a shard of test images. */
export class MapSink {
  readonly #maps: readonly Record<MapKind, Float32Array>[];

  private constructor(
    private readonly context: Context,
    private readonly network: number,
    private readonly shard: number,
    private readonly mined: readonly MinedLayer[],
  ) {
    const n = context.plan.testShards[shard]!.length;
    this.#maps = mined.map(({ fit, refit }, t) => {
      const { h, w } = this.#grid(t);
      return { main: new Float32Array(n * fit.vectors.rows * h * w), refit: new Float32Array(n * refit.rows * h * w) };
    });
  }

  static async open(context: Context, network: number, shard: number): Promise<MapSink> {
    const mined: MinedLayer[] = [];
    for (const t of context.study.networks[network]!.taps.keys()) mined.push(await conceptsOf(context, network, t));
    return new MapSink(context, network, shard, mined);
  }

  #grid(tap: number) {
    return this.context.plan.layers.find((l) => l.network === this.network && l.index === tap)!.grid;
  }

  async add({ at, geometry, activations }: Sight): Promise<void> {
    const { study, plan, engine } = this.context;
    const method = conceptMethods[study.config.concepts.method];
    const frame = plan.frames[firstOf(plan.testShards, this.shard) + at]!;
    for (const [t, raw] of activations.entries()) {
      const { fit, refit, mode } = this.mined[t]!;
      const clip = mode === "clip";
      const planes = clip ? raw : preparePlanes(raw, mode);
      const scores = await method.encodeAll(planes, [fit.vectors, refit], engine, { clip });
      for (const [i, kind] of MAP_KINDS.entries()) {
        const framed = toFrame(scores[i]!, [geometry], [frame], this.#grid(t));
        this.#maps[t]![kind].set(framed.data, at * framed.data.length);
      }
    }
  }

  async end(): Promise<void> {
    const { plan, store } = this.context;
    const n = plan.testShards[this.shard]!.length;
    const tensors: Record<string, TensorValue> = {};
    this.#maps.forEach((maps, t) => {
      const { h, w } = this.#grid(t);
      for (const kind of MAP_KINDS) {
        const data = maps[kind];
        tensors[`${kind}/${t}`] = { type: "float32", dims: [n, data.length / (n * h * w), h, w], data };
      }
    });
    await store.put(
      plan.keys.maps(this.network, this.shard),
      { tensors, metadata: { kind: "maps" } },
      { lasting: false },
    );
  }
}
