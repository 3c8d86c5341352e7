/**
 * The method, from networks and photographs to a table of similarities. Read this first; every step lives in the folder it is named after.
 *   photographs -> activations of taps -> concept vectors -> concept maps in the common frame -> masks -> set IoU -> layer similarity
 */
import { forwardOf } from "./activations/forward.js";
import { sampleRows } from "./activations/rows.js";
import { rowsPerImage } from "./activations/sample.js";
import { layerFromFile, layerToFile } from "./concepts/artifact.js";
import { conceptMethods } from "./concepts/methods.js";
import type { MinedLayer } from "./concepts/mine.js";
import { mine } from "./concepts/mine.js";
import { preparePlanes } from "./concepts/negative.js";
import type { StudyConfig } from "./contract/config.js";
import { batches, chunks } from "./dataset/batches.js";
import { commonFrame, geometry } from "./dataset/geometry.js";
import { samplePositions } from "./dataset/positions.js";
import type { ImageRef, Rect } from "./dataset/types.js";
import { SamesightError } from "./errors.js";
import { coarser, gridOf } from "./maps/grid.js";
import type { MapLayer } from "./maps/masks.js";
import { masksOf } from "./maps/masks.js";
import { toFrame } from "./maps/resample.js";
import { seededRandom } from "./numerics/random.js";
import { chanceOf } from "./similarity/compare.js";
import type { MaskLoader } from "./similarity/study.js";
import { comparePairs } from "./similarity/study.js";
import { shuffledTwins } from "./study/twins.js";
import type { Environment, Study, StudyNetwork, StudyResult } from "./study.js";
import { artifact, keyOf, SHARD } from "./study.js";

export type { Environment, Progress, Study, StudyLayer, StudyNetwork, StudyResult } from "./study.js";

/** Runs a study. Finished work is taken from the store; a run that was stopped goes on where it was. Throws what its stages throw. */
export async function runStudy(asked: Study, env: Environment): Promise<StudyResult> {
  const twins = await shuffledTwins(asked, env); // as random as the networks are trained; ordinary networks from here on
  const study = { ...asked, networks: [...asked.networks, ...twins] };
  const { config, networks, test } = study;
  const layers: MapLayer[] = [];
  const mined: MinedLayer[] = [];
  const frames = test.map((image) =>
    commonFrame(networks.map((n) => geometry(n.preprocessing, image.width, image.height))),
  );
  for (const [at, network] of networks.entries()) {
    const forward = once(async () => {
      const kernel = await env.engine.compile(network.tapped);
      return { run: forwardOf(kernel, network.inputName, network.taps), release: () => kernel.release() };
    });
    const concepts = await mineNetwork(study, network, forward, env); // per tap: k x c vectors, and those of a refit
    layers.push(...(await mapNetwork(study, at, concepts, frames, forward, env))); // per tap: n x k x h x w maps on disk
    mined.push(...concepts.map((c) => c.layer));
    if (forward.used()) await (await forward()).release();
  }
  const chance = chanceOf(
    test.map((i) => i.group),
    config.similarity,
    config.seed,
  );
  const load = (key: string) =>
    artifact(env, key, () => Promise.reject(new SamesightError("defect", "maps vanished from the store")));
  const masks: MaskLoader = (layer, kind, grid) => masksOf(layer, kind, grid, config.maps.density, load); // bits, n x k x cells
  const studyGrid = { h: config.maps.grid, w: config.maps.grid };
  const comparison = await comparePairs(layers, coarser, masks, chance, studyGrid, env); // layers x layers, each cell with null and interval
  return { study, layers, mined, comparison };
}

type Runner = (() => Promise<{ run: ReturnType<typeof forwardOf>; release: () => Promise<void> }>) & {
  used: () => boolean;
};

/** A network is compiled only when some activation is missing from the store. */
function once(make: () => ReturnType<Runner>): Runner {
  let made: ReturnType<Runner> | undefined;
  return Object.assign(() => (made ??= make()), { used: () => made !== undefined });
}

/** Rows of every tap over the images to fit, then the concepts of each tap. */
async function mineNetwork(
  { config, fit }: Study,
  network: StudyNetwork,
  forward: Runner,
  env: Environment,
): Promise<{ key: string; layer: MinedLayer }[]> {
  const { concepts, seed } = config;
  const perTap = network.taps.map((tap) => rowsPerImage(concepts.rows, fit.length, tap.height * tap.width));
  const rowsKey = (images: readonly ImageRef[]) =>
    keyOf(
      env,
      "rows",
      network.sha256,
      network.preprocessing,
      network.taps.map((t) => t.name),
      perTap,
      seed,
      images.map((i) => i.hash),
    );
  const settings = { ...concepts };
  const out: { key: string; layer: MinedLayer }[] = [];
  const keyFor = (t: number) => keyOf(env, "concepts", rowsKey(fit), network.taps[t]!.name, settings, seed);
  let rows: Awaited<ReturnType<typeof sampleRows>> | undefined;
  for (const [t, tap] of network.taps.entries()) {
    const key = keyFor(t);
    const file = await artifact(env, key, async () => {
      rows ??= await sampleRows(
        counted(
          batches(fit, batchSize(config, network), network.preprocessing, env.decode),
          "activations",
          network.id,
          fit.length,
          env,
        ),
        async (input) => (await forward()).run(input),
        network.taps,
        (image, at, where) =>
          samplePositions(
            at.height,
            at.width,
            perTap[network.taps.indexOf(at)]!,
            where,
            seededRandom(seed, "rows", image.hash, at.name),
          ),
      );
      const options = {
        ...concepts,
        method: conceptMethods[concepts.method],
        seed: `${seed} ${network.sha256} ${tap.name}`,
      };
      return layerToFile(await mine(rows[t]!, options, env.engine));
    });
    out.push({ key, layer: layerFromFile(file) });
    env.progress({ stage: "concepts", what: network.id, done: t + 1, total: network.taps.length });
  }
  return out;
}

/** Maps of every concept, and of the refit's, on the images to test: in the common frame, on the layer's grid. */
async function mapNetwork(
  study: Study,
  at: number,
  concepts: readonly { key: string; layer: MinedLayer }[],
  frames: readonly Rect[],
  forward: Runner,
  env: Environment,
): Promise<MapLayer[]> {
  const { config, test } = study;
  const network = study.networks[at]!;
  const method = conceptMethods[config.concepts.method];
  const shards: string[] = [];
  const grids = network.taps.map((tap) => gridOf(tap, config.maps.grid));
  for (const [s, images] of chunks(test, SHARD).entries()) {
    const rects = frames.slice(s * SHARD, s * SHARD + images.length);
    const key = keyOf(
      env,
      "maps",
      concepts.map((c) => c.key),
      network.preprocessing,
      rects,
      config.maps.grid,
      images.map((i) => i.hash),
    );
    shards.push(key);
    await artifact(env, key, async () => {
      const maps = network.taps.map((_, t) => ({
        main: new Float32Array(images.length * concepts[t]!.layer.fit.vectors.rows * grids[t]!.h * grids[t]!.w),
        refit: new Float32Array(images.length * concepts[t]!.layer.refit.rows * grids[t]!.h * grids[t]!.w),
      }));
      let done = 0;
      for await (const batch of batches(images, batchSize(config, network), network.preprocessing, env.decode)) {
        const activations = await (await forward()).run(batch.input);
        for (const [t, raw] of activations.entries()) {
          const { fit, refit, mode } = concepts[t]!.layer;
          const planes = preparePlanes(raw, mode);
          for (const [kind, vectors] of [
            ["main", fit.vectors],
            ["refit", refit],
          ] as const) {
            const scores = await method.encode(planes, vectors, env.engine);
            const framed = toFrame(scores, batch.geometries, rects.slice(done, done + batch.images.length), grids[t]!);
            maps[t]![kind].set(framed.data, done * framed.c * framed.h * framed.w);
          }
        }
        done += batch.images.length;
        env.progress({ stage: "maps", what: network.id, done: s * SHARD + done, total: test.length });
      }
      const tensors = maps.flatMap((m, t) =>
        [
          ["main", m.main],
          ["refit", m.refit],
        ].map(([kind, data]) => [
          `${kind}/${t}`,
          {
            type: "float32" as const,
            dims: [
              images.length,
              (data as Float32Array).length / (images.length * grids[t]!.h * grids[t]!.w),
              grids[t]!.h,
              grids[t]!.w,
            ],
            data: data as Float32Array,
          },
        ]),
      );
      return { tensors: Object.fromEntries(tensors), metadata: {} };
    });
  }
  return network.taps.map((tap, t) => ({ network: at, tap, index: t, grid: grids[t]!, shards }));
}

function batchSize(config: StudyConfig, network: StudyNetwork): number {
  return network.batchFree ? config.batchSize : 1;
}

async function* counted<T extends { images: readonly unknown[] }>(
  source: AsyncIterable<T>,
  stage: string,
  what: string,
  total: number,
  env: Environment,
): AsyncGenerator<T> {
  let done = 0;
  for await (const item of source) {
    yield item;
    done += item.images.length;
    env.progress({ stage, what, done, total });
  }
}
