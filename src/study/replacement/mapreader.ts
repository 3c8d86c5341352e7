import type { Tensor4 } from "../../numerics/types.js";
import type { Context } from "../context.js";
import { mapsOf } from "../maps.js";
import { firstOf } from "../plan.js";

/** Concept maps of single test images. Of each layer two shards are held: images asked for in order, and those half a list away, are each read once. */
export class MapReader {
  readonly #held = new Map<string, Tensor4>();
  readonly #firsts: readonly number[];

  constructor(private readonly context: Context) {
    const { testShards } = context.plan;
    this.#firsts = testShards.map((_, s) => firstOf(testShards, s));
  }

  /** Maps of a layer on its own grid of the common frame of image `x`: 1 x k x h x w. */
  async of(layer: number, x: number): Promise<Tensor4> {
    let shard = this.#firsts.length - 1;
    while (this.#firsts[shard]! > x) shard--;
    const key = `${layer} ${shard}`;
    let all = this.#held.get(key);
    if (!all) {
      all = await mapsOf(this.context, layer, shard, "main");
      const older = [...this.#held.keys()].filter((k) => k.startsWith(`${layer} `));
      if (older.length > 1) this.#held.delete(older[0]!);
      this.#held.set(key, all);
    }
    const size = all.c * all.h * all.w;
    const from = (x - this.#firsts[shard]!) * size;
    return { ...all, n: 1, data: all.data.subarray(from, from + size) };
  }
}
