import { toFrame } from "../maps/resample.js";
import type { TensorValue } from "../numerics/engine.js";
import type { Tensor4 } from "../numerics/types.js";
import type { Context } from "./context.js";
import type { Sight } from "./look.js";
import { CELL_GRID, cellPlaces, firstOf } from "./plan.js";

const ONE = { h: 1, w: 1 };
const CELLS = CELL_GRID.h * CELL_GRID.w;

/** Collects the signals of one network over a shard of test images. */
export class SignalSink {
  readonly #pooled: Float32Array[];
  readonly #cells: Float32Array[];
  readonly #places: readonly number[];

  constructor(
    private readonly context: Context,
    private readonly network: number,
    private readonly shard: number,
  ) {
    const { plan, study } = context;
    const n = plan.testShards[shard]!.length;
    this.#places = cellPlaces(plan, shard, firstOf(plan.testShards, shard));
    const { taps } = study.networks[network]!;
    this.#pooled = taps.map((t) => new Float32Array(n * t.channels));
    this.#cells = taps.map((t) => new Float32Array(this.#places.length * CELLS * t.channels));
  }

  async add({ at, geometry, activations }: Sight): Promise<void> {
    const { plan } = this.context;
    const frame = plan.frames[firstOf(plan.testShards, this.shard) + at]!;
    const place = this.#places.indexOf(at);
    for (const [t, raw] of activations.entries()) {
      this.#pooled[t]!.set(toFrame(raw, [geometry], [frame], ONE).data, at * raw.c);
      if (place < 0) continue;
      turnInto(this.#cells[t]!, place * CELLS * raw.c, toFrame(raw, [geometry], [frame], CELL_GRID));
    }
  }

  async end(): Promise<void> {
    const { plan, store, study } = this.context;
    const tensors: Record<string, TensorValue> = {};
    study.networks[this.network]!.taps.forEach(({ channels }, t) => {
      const table = (data: Float32Array): TensorValue => ({
        type: "float32",
        dims: [data.length / channels, channels],
        data,
      });
      tensors[`pooled/${t}`] = table(this.#pooled[t]!);
      tensors[`cells/${t}`] = table(this.#cells[t]!);
    });
    await store.put(
      plan.keys.signals(this.network, this.shard),
      { tensors, metadata: { kind: "signals" } },
      { lasting: false },
    );
  }
}

/** 1 x c x h x w -> rows of c, cell by cell. */
function turnInto(out: Float32Array, from: number, { data, c, h, w }: Tensor4): void {
  const cells = h * w;
  for (let j = 0; j < c; j++) for (let p = 0; p < cells; p++) out[from + p * c + j] = data[j * cells + p]!;
}
