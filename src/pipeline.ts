/**
 * The method, from networks and photographs to a table of similarities. Read this first; every step lives in `study/`, what it computes in the folder
 * it is named after.
 *   photographs -> activations of taps -> concept vectors -> concept maps in the common frame -> masks -> set IoU -> layer similarity
 */

import { ASIDES } from "./study/asides.js";
import { conceptsOf } from "./study/concepts.js";
import { asksFor } from "./study/controls.js";
import type { Run } from "./study/executor.js";
import { jobsOf, openRun, runAll, runJobs } from "./study/executor.js";
import { withoutDead } from "./study/living.js";
import { mapsOfImages } from "./study/maps.js";
import { masksOfImages, thresholdsOf } from "./study/masks.js";
import { pairsOf } from "./study/pairs.js";
import { replacedLayers } from "./study/replacement/replacement.js";
import { trustOf } from "./study/trust.js";
import { shuffledTwins } from "./study/twins.js";
import type { Environment, Study, StudyResult } from "./study.js";

export type { Environment, Progress, Study, StudyLayer, StudyNetwork, StudyResult } from "./study.js";

/** Runs a study. Finished work is taken from the store; a run that was stopped goes on where it was. Throws what its stages throw. */
export async function runStudy(asked: Study, env: Environment): Promise<StudyResult> {
  const twins = await shuffledTwins(asked, env); // as random as the networks are trained; ordinary networks from here on
  const run = openRun({ ...asked, networks: [...asked.networks, ...twins] }, env);
  try {
    await sampleRows(run); // per tap of every network: rows of its activations on the images to fit, r x c
    const mined = await mineConcepts(run); // per tap: k x c concept vectors, and those of refits on resampled images
    const living = withoutDead(asked, run, mined);
    if (living) return await runStudy(living, env); // a layer that is always zero has none: begun again without it
    await mapConcepts(run); // per tap and test image: k x h x w maps in the common frame; what controls need of the activations
    await replaceConcepts(run); // where asked: networks run on from the concepts of others
    await run.executor.rest(); // no network is run after this
    await thresholdMaps(run); // per layer and grid: masks s > t_c, bits, n x k x cells
    await comparePairs(run); // layers x layers: similarity, its null and its interval; beside it position check, random directions, controls
    return await resultOf(run);
  } finally {
    await run.executor.rest();
    await run.context.rest();
  }
}

const sampleRows = (run: Run) =>
  runAll(run, "rows", shardsOf(run, run.context.plan.fitShards.length), {
    stage: "activations",
    what: "images to fit",
  });

const mineConcepts = (run: Run) =>
  runAll(
    run,
    "concepts",
    run.context.plan.layers.map(({ network, index }) => ({ network, tap: index })),
    { stage: "concepts", what: "layers" },
  );

const mapConcepts = (run: Run) =>
  runAll(run, "maps", shardsOf(run, run.context.plan.testShards.length), {
    stage: "maps",
    what: "images to compare on",
  });

const replaceConcepts = async (run: Run) => {
  const layers = asksFor(run.study.config, "replacement") ? replacedLayers(run.context) : [];
  if (layers.length === 0) return;
  await runAll(
    run,
    "replacement",
    layers.map((layer) => ({ layer })),
    { stage: "replacement", what: "layers" },
  );
};

const thresholdMaps = (run: Run) => runAll(run, "masks", eachLayer(run), { stage: "masks", what: "layers" });

const comparePairs = (run: Run) =>
  runJobs(
    run,
    [
      ...jobsOf(
        "asides",
        ASIDES.map((aside) => ({ aside })),
      ),
      ...jobsOf("pairs", eachLayer(run)),
    ],
    {
      stage: "similarity",
      what: "rows of layers and checks",
    },
  );

/** Networks in small groups, so that a worker holds few sessions; images of a shard are decoded once a group. */
function shardsOf({ context }: Run, shards: number) {
  return context.plan.groups.flatMap((networks) => Array.from({ length: shards }, (_, shard) => ({ networks, shard })));
}

function eachLayer({ context }: Run) {
  return context.plan.layers.map((_, layer) => ({ layer }));
}

async function resultOf({ study, context }: Run): Promise<StudyResult> {
  const { layers } = context.plan;
  const mined = [];
  const thresholds = [];
  const cells = [];
  const self = [];
  const selfSamples = [];
  for (const [l, { network, index, grid }] of layers.entries()) {
    mined.push(await conceptsOf(context, network, index));
    thresholds.push(await thresholdsOf(context, l, "main", grid));
    const row = await pairsOf(context, l);
    cells.push(...row.cells);
    self.push(row.self);
    selfSamples.push(row.selfSamples);
  }
  const comparison = { cells, self, selfSamples, thresholds };
  return {
    study,
    layers,
    mined,
    comparison,
    trust: await trustOf(context, comparison), // intervals with refits, checks, controls, flow; the paper's findings as numbers
    masks: (layer, images, grid) => masksOfImages(context, layer, images, grid),
    maps: (layer, images) => mapsOfImages(context, layer, images),
  };
}
