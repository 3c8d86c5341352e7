import { afterAll, expect, test } from "vitest";
import { toCoarser } from "../../src/maps/resample.js";
import { thresholds } from "../../src/maps/threshold.js";
import { createEngine } from "../../src/node/engine.js";
import { openStore, sha256 } from "../../src/node/store.js";
import { BitCounter, packAbove } from "../../src/numerics/bits.js";
import { seededRandom } from "../../src/numerics/random.js";
import type { Tensor4 } from "../../src/numerics/types.js";
import { chanceOf, compareMasks, inBlocks } from "../../src/similarity/compare.js";
import type { Context } from "../../src/study/context.js";
import { masks, masksOf, masksOfImages } from "../../src/study/masks.js";
import { emptyFolder } from "../e2e/support.js";

const engine = createEngine();
afterAll(() => engine.dispose());

const [N, K, SHARD] = [21, 3, 4];
const OWN = { h: 8, w: 8 };
const COARSE = { h: 4, w: 4 };
const groups = Array.from({ length: N }, (_, i) => `p${i >> 1}`);

function randomMaps(seed: string): Tensor4 {
  const random = seededRandom(seed);
  const data = Float32Array.from({ length: N * K * OWN.h * OWN.w }, () => Math.max(0, random() - 0.3));
  return { data, n: N, c: K, ...OWN };
}

/** A study of which nothing is there but the maps of two layers, cut into shards, in a store on disk; blocks of `block` images. */
async function studyOf(layers: readonly Tensor4[], block: number) {
  const shards = Array.from({ length: Math.ceil(N / SHARD) }, (_, s) =>
    Array.from({ length: Math.min(SHARD, N - s * SHARD) }, (_, i) => s * SHARD + i),
  );
  const store = openStore(emptyFolder("masks"));
  const keys = {
    maps: (n: number, s: number) => sha256(`maps ${n} ${s}`),
    masks: (l: number) => sha256(`masks ${l}`),
  };
  for (const [n, maps] of layers.entries())
    for (const [s, images] of shards.entries()) {
      const size = K * OWN.h * OWN.w;
      const data = maps.data.slice(images[0]! * size, (images.at(-1)! + 1) * size);
      const tensor = { type: "float32" as const, dims: [images.length, K, OWN.h, OWN.w], data };
      await store.put(keys.maps(n, s), { tensors: { "main/0": tensor, "refit/0": tensor }, metadata: {} });
    }
  const chance = chanceOf(groups, { permutations: 5, bootstrap: 20 }, 1, block);
  const plan = {
    layers: layers.map((_, network) => ({ network, index: 0, grid: OWN })),
    grids: layers.map(() => [OWN, COARSE]),
    testShards: shards,
    chance,
    keys,
  };
  return { store, plan, study: { test: groups, config: { maps: { density: 0.2 } } } } as unknown as Context;
}

test.for([256, 6, 1])(
  "masks of blocks of at most %d images, written in pieces and read block by block, are those of maps in memory",
  async (block) => {
    const layers = [randomMaps("a"), randomMaps("b")];
    const context = await studyOf(layers, block);
    expect(context.plan.chance.blocks.length).toBe(block === 256 ? 1 : Math.ceil(N / block));
    for (const l of layers.keys()) await masks(context, { layer: l });
    const inMemory = layers.map((maps) => {
      const on = toCoarser(maps, COARSE);
      const found = thresholds(on, 0.2);
      return { masks: packAbove(on.data, N, K, found.values), thresholds: found };
    });
    const order = [20, 3, 4, 0, 11];
    for (const [l, { masks: whole }] of inMemory.entries()) {
      const size = K * whole.stride;
      const some = await masksOfImages(context, l, order, COARSE);
      order.forEach((x, i) => {
        expect(some.data.subarray(i * size, (i + 1) * size)).toEqual(whole.data.subarray(x * size, (x + 1) * size));
      });
    }
    const { chance } = context.plan;
    const [a, b] = [await masksOf(context, 0, "refit", COARSE), await masksOf(context, 1, "refit", COARSE)];
    const streamed = await compareMasks(new BitCounter(), a, b, chance, engine);
    const [x, y] = inMemory.map((m) => inBlocks(m, chance));
    expect(streamed).toEqual(await compareMasks(new BitCounter(), x!, y!, chance, engine));
  },
);
