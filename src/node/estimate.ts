import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rowsPerImage } from "../activations/sample.js";
import type { StudyConfig } from "../contract/config.js";
import { runStudy } from "../pipeline.js";
import { asksFor } from "../study/controls.js";
import type { Study } from "../study.js";
import { createEnvironment } from "./environment.js";
import { prepareNetwork } from "./network.js";
import type { RunOptions } from "./run.js";
import { collect, uniqueIds } from "./run.js";

/** Images a side of the miniature whose time is measured. */
const FEW = 4;
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
  /** Seconds by stage, then `total`: the miniature's, scaled. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Artifacts in the cache. */
  readonly diskBytes: number;
  /** Most memory of this process in the miniature, which is nearly the study's: activations stream. */
  readonly memoryBytes: number;
  readonly measuredSeconds: number;
}

/**
 * What a study would compute and cost. Opens and probes everything, then runs the study in miniature (4 images to fit, 4 to test, into a folder that is
 * thrown away) and scales each stage by what it grows with: images to fit, rows sampled, or images to compare on. Nothing is written elsewhere.
 */
export async function estimateRun(config: StudyConfig, options: Omit<RunOptions, "out">): Promise<Estimate> {
  const data = await collect(config, { ...options, out: "" });
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
  const env = createEnvironment({
    ...options,
    cacheDir: dir,
    progress: (event) => {
      if (event.stage !== stage) clock(event.stage);
    },
  });
  try {
    const ids = uniqueIds(config);
    const prepared: Awaited<ReturnType<typeof prepareNetwork>>[] = [];
    const whole = asksFor(config, "replacement");
    for (const [i, n] of config.networks.entries())
      prepared.push(await prepareNetwork(n, ids[i]!, env.engine, { ...options, whole }));
    const test = data.test.slice(0, whole ? FEWEST_REPLACED : FEW);
    const study: Study = { config, networks: prepared, fit: data.fit.slice(0, FEW), test };
    since = performance.now();
    const { layers, comparison } = await runStudy(study, env);
    clock("");
    const measuredSeconds = Object.values(seconds).reduce((a, b) => a + b, 0);
    const rows = (images: number) =>
      prepared.reduce(
        (sum, n) =>
          sum +
          n.taps.reduce(
            (s, t) => s + images * rowsPerImage(config.concepts.rows, images, t.height * t.width) * t.channels,
            0,
          ),
        0,
      );
    const scale: Record<string, number> = {
      activations: data.fit.length / study.fit.length,
      concepts: rows(data.fit.length) / rows(study.fit.length),
    };
    const byTest = data.test.length / study.test.length;
    const scaled = Object.fromEntries(Object.entries(seconds).map(([k, v]) => [k, v * (scale[k] ?? byTest)]));
    return {
      fit: data.fit.length,
      test: data.test.length,
      skipped: data.skipped.length,
      networks: prepared.map((n) => ({
        id: n.id,
        source: n.source,
        preprocessing: `${n.preprocessing.width} x ${n.preprocessing.height} ${n.preprocessing.resize} ${n.preprocessing.channels}, ${n.origin}`,
        guessed: n.guessed,
        taps: n.taps.map((t) => ({ name: t.name, depth: t.depth, shape: `${t.channels} x ${t.height} x ${t.width}` })),
      })),
      layers: layers.length,
      pairs: comparison.cells.length,
      seconds: { ...scaled, total: Object.values(scaled).reduce((a, b) => a + b, 0) },
      diskBytes: Math.round((await bytesBelow(dir)) * Math.max(byTest, scale.activations!)),
      memoryBytes: process.resourceUsage().maxRSS * 1024,
      measuredSeconds,
    };
  } finally {
    await env.dispose();
    await rm(dir, { recursive: true, force: true });
  }
}

async function bytesBelow(dir: string): Promise<number> {
  const files = await readdir(dir, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(files.filter((f) => f.isFile()).map((f) => stat(join(f.parentPath, f.name))));
  return sizes.reduce((sum, s) => sum + s.size, 0);
}
