import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { rowsPerImage } from "../activations/sample.js";
import type { StudyConfig } from "../contract/config.js";
import { DEFAULTS } from "../contract/defaults.js";
import { runStudy } from "../pipeline.js";
import { keepsActivations } from "../study/budget.js";
import { asksFor } from "../study/controls.js";
import { planOf } from "../study/plan.js";
import type { Progress, Study } from "../study.js";
import { kindOf, listObjects } from "./cache.js";
import { createEnvironment, storeDirOf } from "./environment.js";
import { extrapolate } from "./extrapolate.js";
import { prepareNetwork } from "./network.js";
import type { RunOptions } from "./run.js";
import { collect, uniqueIds } from "./run.js";
import { sha256 } from "./store.js";

/** Images a side of the miniatures whose difference is what an image costs; the smaller is run once before, to warm up. */
const FEW = 4;
const MORE = 12;
/** On fewer the replacement test refuses, and would seem to cost nothing. */
const FEWEST_REPLACED = 10;

export interface Estimate {
  readonly fit: number;
  readonly test: number;
  readonly skipped: number;
  readonly networks: readonly {
    readonly id: string;
    readonly source: string;
    readonly preprocessing: string;
    readonly guessed: boolean;
    readonly taps: readonly { readonly name: string; readonly depth: number; readonly shape: string }[];
  }[];
  readonly layers: number;
  readonly pairs: number;
  /** Seconds by stage, then `total`: from two miniatures, divided among the workers. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Artifacts in the cache. */
  readonly diskBytes: number;
  /** Most memory of this process in a miniature with as many workers, which is nearly the study's: activations stream. */
  readonly memoryBytes: number;
  readonly measuredSeconds: number;
}

/** A study on few images: seconds of each stage, bytes of each kind of artifact. */
interface Miniature {
  /** With the shuffled twins that were asked for. */
  readonly study: Study;
  readonly seconds: Readonly<Record<string, number>>;
  readonly bytes: Readonly<Record<string, number>>;
  readonly layers: number;
  readonly pairs: number;
}

/**
 * What a study would compute and cost. Opens and probes everything, then runs the study in miniature: once with its workers, for the memory, then in this
 * thread at two sizes, for time and disk: each stage is scaled by what it grows with (images to fit, rows sampled, images to compare on) and divided among
 * the workers. All of it in folders that are thrown away.
 */
export async function estimateRun(config: StudyConfig, options: Omit<RunOptions, "out">): Promise<Estimate> {
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  const data = await collect(config, { ...options, out: "" });
  const listed = elapsed();
  const networks: Awaited<ReturnType<typeof prepareNetwork>>[] = [];
  const ids = uniqueIds(config);
  const env = createEnvironment({ ...options, workers: 0 });
  const whole = asksFor(config, "replacement");
  try {
    for (const [i, n] of config.networks.entries())
      networks.push(await prepareNetwork(n, ids[i]!, env.engine, { ...options, whole }));
  } finally {
    await env.dispose();
  }
  const opened = elapsed();
  const few = (count: number): Study => ({
    config,
    networks,
    fit: data.fit.slice(0, count),
    test: data.test.slice(0, count),
  });
  const workers = Math.max(1, options.workers ?? Math.min(DEFAULTS.workers, availableParallelism()));
  const { fitShards, testShards } = planOf(few(1e9), sha256);
  const shard = Math.max(fitShards[0]!.length, testShards[0]!.length);
  if (workers > 1) await miniature(few((workers - 1) * shard + 1), options); // a job for each worker
  const least = whole ? FEWEST_REPLACED : FEW;
  await miniature(few(least), { ...options, workers: 0 });
  const memoryBytes = process.resourceUsage().maxRSS * 1024;
  const small = await miniature(few(least), { ...options, workers: 0 });
  const large = await miniature(few(least + MORE - FEW), { ...options, workers: 0 });
  const all: Study = { ...few(1e9), networks: large.study.networks };
  const seconds: Record<string, number> = { images: listed, networks: opened - listed };
  for (const [stage, cost] of Object.entries(large.seconds)) {
    const at = (m: Miniature) => ({ size: sizeOf(stage, m.study), cost: m.seconds[stage] ?? cost });
    seconds[stage] = extrapolate(at(small), at(large), sizeOf(stage, all)) / Math.min(workers, jobsOf(stage, all));
  }
  return {
    fit: data.fit.length,
    test: data.test.length,
    skipped: data.skipped.length,
    networks: networks.map((n) => ({
      id: n.id,
      source: n.source,
      preprocessing: `${n.preprocessing.width} x ${n.preprocessing.height} ${n.preprocessing.resize} ${n.preprocessing.channels}, ${n.origin}`,
      guessed: n.guessed,
      taps: n.taps.map((t) => ({ name: t.name, depth: t.depth, shape: `${t.channels} x ${t.height} x ${t.width}` })),
    })),
    layers: large.layers,
    pairs: large.pairs,
    seconds: { ...seconds, total: Object.values(seconds).reduce((a, b) => a + b, 0) },
    diskBytes: Math.round(diskOf(all, small, large)),
    memoryBytes,
    measuredSeconds: elapsed() - opened,
  };
}

/** Runs a study from an empty store, which is removed. */
async function miniature(study: Study, options: Omit<RunOptions, "out">): Promise<Miniature> {
  const dir = await mkdtemp(join(tmpdir(), "samesight-estimate-"));
  const seconds: Record<string, number> = {};
  let since = performance.now();
  let stage = "";
  const clock = (next: string) => {
    const now = performance.now();
    const key = stage || next;
    seconds[key] = (seconds[key] ?? 0) + (now - since) / 1000;
    [stage, since] = [next, now];
  };
  const progress = (event: Progress) => {
    if (event.stage !== stage && stage !== FINDINGS) clock(event.stage);
    if (event.stage === "similarity" && event.done === event.total) clock(FINDINGS);
  };
  const env = createEnvironment({ ...options, cacheDir: dir, progress });
  try {
    const result = await runStudy(study, env);
    clock("");
    const bytes: Record<string, number> = {};
    for (const object of await listObjects(storeDirOf(dir))) {
      const kind = await kindOf(object);
      bytes[kind] = (bytes[kind] ?? 0) + object.bytes;
    }
    return {
      study: result.study,
      seconds,
      bytes,
      layers: result.layers.length,
      pairs: result.comparison.cells.length,
    };
  } finally {
    await env.dispose();
    await rm(dir, { recursive: true, force: true });
  }
}

/** What stands beside the similarities, in one thread, once all pairs are done. */
const FINDINGS = "findings";

/** What the time of a stage, or the bytes of a kind of artifact, grow with. */
function sizeOf(what: string, { config, networks, fit, test }: Study): number {
  if (what === "twins") return 1; // made on a few photographs, however many there are
  if (what === "activations") return fit.length;
  if (what === "concepts" || what === "rows") {
    return networks
      .flatMap((n) => n.taps)
      .reduce(
        (sum, t) => sum + fit.length * rowsPerImage(config.concepts.rows, fit.length, t.height * t.width) * t.channels,
        0,
      );
  }
  return test.length;
}

function jobsOf(stage: string, study: Study): number {
  const { groups, fitShards, testShards, layers } = planOf(study, sha256);
  if (stage === "activations") return groups.length * fitShards.length;
  if (stage === "maps") return groups.length * testShards.length;
  return ["concepts", "masks", "similarity"].includes(stage) ? layers.length : 1;
}

function diskOf(all: Study, small: Miniature, large: Miniature): number {
  return Object.entries(large.bytes).reduce((sum, [kind, cost]) => {
    if (kind === "activations" && !keepsActivations({ study: all })) return sum;
    // activations are kept of the images to compare on, not of those that the stage of that name looks at
    const size = (study: Study) => (kind === "activations" ? study.test.length : sizeOf(kind, study));
    const at = (m: Miniature) => ({ size: size(m.study), cost: m.bytes[kind] ?? cost });
    return sum + extrapolate(at(small), at(large), size(all));
  }, 0);
}
