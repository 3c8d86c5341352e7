import type { TensorFile } from "../contract/safetensors.js";
import { toCoarser } from "../maps/resample.js";
import { sampleWithoutReplacement, seededRandom } from "../numerics/random.js";
import type { Matrix64, Tensor4 } from "../numerics/types.js";
import { positionFree } from "../similarity/position.js";
import type { Context } from "./context.js";
import { keyOf, loaded } from "./context.js";
import { mapsOf } from "./maps.js";
import { firstOf } from "./plan.js";

/** Most bytes of maps that the position check holds; the images are thinned to fit. */
const MOST_BYTES = 64 * 1024 * 1024;

/** The position check over all layers of a study: layers x layers, on the study's coarsest grid. Kept in the store. */
export async function positionsOf(context: Context): Promise<Matrix64> {
  const { plan, study, store } = context;
  const key = keyOf(
    context,
    "position",
    plan.layers.map((_, l) => plan.keys.masks(l)),
    study.config.seed,
  );
  const make = async () => {
    const found = await positionFree(
      await onCoarsest(context),
      seededRandom(study.config.seed, "position"),
      context.engine,
    );
    const file: TensorFile = {
      tensors: { values: { type: "float64", dims: [found.rows, found.cols], data: found.data } },
      metadata: {},
    };
    await store.put(key, file);
  };
  const { tensors } = await loaded(context, key, make);
  return { data: tensors.values!.data as Float64Array, rows: plan.layers.length, cols: plan.layers.length };
}

async function onCoarsest(context: Context): Promise<Tensor4[]> {
  const { plan, study } = context;
  const { h, w } = plan.coarsest;
  const out: Tensor4[] = [];
  let images: Int32Array | undefined;
  for (const l of plan.layers.keys()) {
    let kept: Tensor4 | undefined;
    for (const shard of plan.testShards.keys()) {
      const maps = toCoarser(await mapsOf(context, l, shard, "main"), plan.coarsest);
      images ??= sampleWithoutReplacement(
        study.test.length,
        Math.max(4, Math.floor(MOST_BYTES / (4 * maps.c * h * w * plan.layers.length))),
        seededRandom(study.config.seed, "position images"),
      );
      const size = maps.c * h * w;
      kept ??= { ...maps, n: images.length, data: new Float32Array(images.length * size) };
      const first = firstOf(plan.testShards, shard);
      for (const [i, x] of images.entries()) {
        if (x >= first && x < first + maps.n)
          kept.data.set(maps.data.subarray((x - first) * size, (x - first + 1) * size), i * size);
      }
    }
    out.push(kept!);
  }
  return out;
}
