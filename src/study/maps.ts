import type { TensorFile } from "../contract/safetensors.js";
import { oneBehind } from "../dataset/prefetch.js";
import type { Tensor4 } from "../numerics/types.js";
import { keepsActivations } from "./budget.js";
import type { Context } from "./context.js";
import { loaded } from "./context.js";
import type { Sight } from "./look.js";
import { keepSight, keptSight, look } from "./look.js";
import type { MapKind } from "./mapsink.js";
import { MapSink } from "./mapsink.js";
import { firstOf } from "./plan.js";
import { SignalSink } from "./signalsink.js";

/**
 * One pass over a shard of the test images: maps of every concept, and of the refit's, in the common frame on the layer's grid (an artifact a network),
 * and what the controls need of the activations themselves (another). No inference where the activations are kept.
 */
export async function maps(context: Context, { networks, shard }: { networks: readonly number[]; shard: number }) {
  const { plan, store } = context;
  const images = plan.testShards[shard]!;
  const sinks = new Map<number, (sight: Sight) => Promise<void>>();
  const ends: (() => Promise<void>)[] = [];
  for (const n of networks) {
    const wanted = [
      ...((await store.has(plan.keys.maps(n, shard))) ? [] : [await MapSink.open(context, n, shard)]),
      ...((await store.has(plan.keys.signals(n, shard))) ? [] : [new SignalSink(context, n, shard)]),
    ];
    if (wanted.length === 0) continue;
    sinks.set(n, async (sight) => {
      for (const sink of wanted) await sink.add(sight);
    });
    for (const sink of wanted) ends.push(() => sink.end());
  }
  for (const [n, take] of sinks) if (await replay(context, n, shard, take)) sinks.delete(n);
  const keep = keepsActivations(context);
  const behind = oneBehind();
  try {
    for await (const sight of look(context, [...sinks.keys()], images)) {
      await sinks.get(sight.network)!(sight);
      if (keep) await behind.next(() => keepSight(context, sight));
    }
  } finally {
    await behind.end();
  }
  for (const end of ends) await end();
}

/** Feeds kept activations; false, and nothing fed, unless they are kept for all images of the shard. */
async function replay(
  context: Context,
  network: number,
  shard: number,
  take: (sight: Sight) => Promise<void>,
): Promise<boolean> {
  const { plan, store } = context;
  const images = plan.testShards[shard]!;
  for (const image of images) if (!(await store.has(plan.keys.activations(network, image)))) return false;
  for (const [at, image] of images.entries()) {
    const kept = await keptSight(context, network, image, at);
    if (kept) await take(kept);
    // damaged: seen again
    else for await (const sight of look(context, [network], [image])) await take({ ...sight, at });
  }
  return true;
}

/** Maps of one layer on the images of a test shard, on the layer's own grid: n x k x h x w. */
export async function mapsOf(context: Context, layer: number, shard: number, kind: MapKind): Promise<Tensor4> {
  const { plan } = context;
  const { network, index } = plan.layers[layer]!;
  const name = `${kind}/${index}`;
  const make = () => maps(context, { networks: [network], shard });
  const file: TensorFile = await loaded(context, plan.keys.maps(network, shard), make, [name]);
  const { data, dims } = file.tensors[name]!;
  return { data: data as Float32Array, n: dims[0]!, c: dims[1]!, h: dims[2]!, w: dims[3]! };
}

/** Maps of any test images on the layer's own grid, in the order asked for. */
export async function mapsOfImages(context: Context, layer: number, images: readonly number[]): Promise<Tensor4> {
  const { testShards } = context.plan;
  let out: Tensor4 | undefined;
  for (const shard of testShards.keys()) {
    const first = firstOf(testShards, shard);
    const inside = (x: number) => x >= first && x < first + testShards[shard]!.length;
    if (!images.some(inside) && (out || shard < testShards.length - 1)) continue;
    const from = await mapsOf(context, layer, shard, "main");
    const size = from.c * from.h * from.w;
    out ??= { ...from, n: images.length, data: new Float32Array(images.length * size) };
    for (const [i, x] of images.entries()) {
      if (inside(x)) out.data.set(from.data.subarray((x - first) * size, (x - first + 1) * size), i * size);
    }
  }
  return out!;
}
