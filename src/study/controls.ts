import type { StudyConfig } from "../contract/config.js";
import { pack, unpack } from "../contract/packed.js";
import type { ControlId } from "../contract/trust.js";
import { CONTROL_IDS } from "../contract/trust.js";
import { seededRandom } from "../numerics/random.js";
import { mean } from "../numerics/statistics.js";
import type { Matrix } from "../numerics/types.js";
import { CONTROLS } from "../similarity/controls/controls.js";
import type { Context as MeasureContext, Prepared, Score } from "../similarity/controls/measure.js";
import type { RdxItem } from "../similarity/controls/rdx.js";
import { differences as differencesOf, rdx } from "../similarity/controls/rdx.js";
import type { Rdm } from "../similarity/controls/rsa.js";
import { rsa } from "../similarity/controls/rsa.js";
import type { RsaCeiling } from "./ceiling.js";
import { rsaCeilingOf } from "./ceiling.js";
import { conceptsOf } from "./concepts.js";
import type { Context } from "./context.js";
import { keyOf, loaded } from "./context.js";
import { mapsOf } from "./maps.js";
import type { Replacement } from "./replacement/replacement.js";
import { replacedLayers, replacementOf } from "./replacement/replacement.js";
import { pooledOf } from "./signals.js";

/** One control on one pair of layers, a <= b in the study's order; `replacement` both ways round. */
export interface ControlRow {
  readonly id: ControlId;
  readonly a: number;
  readonly b: number;
  readonly score: Score;
  /** Samples that the two layers were compared on. */
  readonly samples: number;
  readonly featuresA: number;
  readonly featuresB: number;
  /** Of the control `replacement`. */
  readonly replaced?: Replacement;
}

/** Images that the layer `held` sees as near each other and the other layer does not. */
export interface Difference {
  readonly a: number;
  readonly b: number;
  readonly held: number;
  readonly group: number;
  readonly difference: number;
  readonly rankHere: number;
  readonly rankThere: number;
  /** Places of the test images, the most typical first. */
  readonly images: readonly number[];
}

export interface Controls {
  readonly rows: ControlRow[];
  readonly differences: Difference[];
  /** Of RSA, where it was asked for and there are two trained networks. */
  ceiling?: RsaCeiling | undefined;
}

/** Measures that fit models to every pair, a second or so each: only layers of different trained networks are compared. */
const COSTLY: ReadonlySet<string> = new Set(["lasso_regression", "linear_predictivity"]);
/** Most images that measures see whose work grows as images squared or cubed. */
const MOST_IMAGES = 512;

/**
 * The controls that a study asks for, on activations averaged over what all networks see of each test image. Every measure is prepared once a layer.
 * Measures that must refuse say why. Kept in the store.
 */
export async function controlsOf(context: Context): Promise<Controls> {
  const { study } = context;
  const ids = CONTROL_IDS.filter((id) => id !== "replacement" && asksFor(study.config, id));
  const found = ids.length > 0 ? await measured(context, ids) : { rows: [], differences: [] };
  if (asksFor(study.config, "replacement")) found.rows.push(...(await replacementRows(context)));
  return found;
}

/** Whether a study asks for a control. */
export function asksFor({ controls }: Pick<StudyConfig, "controls">, id: ControlId): boolean {
  return controls === "all" || (controls !== "none" && controls.includes(id));
}

async function measured(context: Context, ids: readonly ControlId[]): Promise<Controls> {
  const { study, plan, store } = context;
  const key = keyOf(
    context,
    "controls with ceiling",
    ids,
    study.networks.map((_, n) => plan.testShards.map((__, s) => plan.keys.signals(n, s))),
    ids.includes("lasso_regression") ? plan.layers.map((_, l) => plan.keys.masks(l)) : [],
    study.config.seed,
  );
  const make = async () => {
    const pooled: Matrix[] = [];
    const images = study.test.length <= MOST_IMAGES ? [...study.test.keys()] : plan.cellImages;
    for (const { network, index } of plan.layers) pooled.push(await pooledOf(context, network, index, images));
    const found: Controls = { rows: [], differences: [] };
    for (const id of ids) found.rows.push(...(await controlRows(context, id, pooled, found)));
    await store.put(key, pack(found));
  };
  return unpack(await loaded(context, key, make));
}

/** One row each way: the layer that the network goes on from is `a`. */
async function replacementRows(context: Context): Promise<ControlRow[]> {
  const layers = replacedLayers(context);
  const all = [];
  for (const l of layers) all.push(...(await replacementOf(context, l)));
  const back = new Map(all.map((r) => [`${r.source} ${r.head}`, r]));
  const concepts = new Map<number, number>();
  for (const l of layers) {
    const { network, index } = context.plan.layers[l]!;
    concepts.set(l, (await conceptsOf(context, network, index)).fit.vectors.rows);
  }
  return all.map((r): ControlRow => {
    const reverse = back.get(`${r.head} ${r.source}`)?.kept ?? undefined;
    const score = {
      value: r.kept,
      ...(reverse === undefined ? {} : { reverse }),
      ...(r.refused ? { refused: r.refused } : { chance: r.chance }),
      ...(r.note ? { note: r.note } : {}),
    };
    const [featuresA, featuresB] = [concepts.get(r.head)!, concepts.get(r.source)!];
    return { id: "replacement", a: r.head, b: r.source, score, samples: r.images, featuresA, featuresB, replaced: r };
  });
}

async function controlRows(
  context: Context,
  id: ControlId,
  pooled: readonly Matrix[],
  found: Controls,
): Promise<ControlRow[]> {
  const { plan, study, engine } = context;
  const measure = CONTROLS.get(id)!;
  const by = (...at: readonly number[]): MeasureContext => ({
    engine,
    random: seededRandom(study.config.seed, id, ...at),
  });
  const prepared: Prepared[] = [];
  for (const [l, x] of pooled.entries()) {
    // RSVC's question: can the concepts of one layer be read from the activations of the other?
    const targets = id === "lasso_regression" ? { targets: await pooledConcepts(context, l, x.rows) } : {};
    prepared.push(await measure.prepare(x, by(l), targets));
  }
  const rows: ControlRow[] = [];
  const places = pooled[0]!.rows === study.test.length ? undefined : plan.cellImages;
  for (let a = 0; a < pooled.length; a++) {
    for (let b = a; b < pooled.length; b++) {
      const [one, two] = [study.networks[plan.layers[a]!.network]!, study.networks[plan.layers[b]!.network]!];
      if (COSTLY.has(id) && (one === two || one.twin || two.twin)) continue;
      const score = await measure.compare(prepared[a]!, prepared[b]!, by(a, b));
      rows.push({
        id,
        a,
        b,
        score,
        samples: pooled[a]!.rows,
        featuresA: pooled[a]!.cols,
        featuresB: pooled[b]!.cols,
      });
    }
  }
  if (id === rsa.id) found.ceiling = rsaCeilingOf(context, prepared as Prepared<Rdm>[]);
  if (id === rdx.id) {
    for (const [a, b] of deepest(context))
      for (const held of [a, b]) {
        const other = held === a ? b : a;
        const sets = differencesOf(
          prepared[held] as Prepared<RdxItem>,
          prepared[other] as Prepared<RdxItem>,
          seededRandom(study.config.seed, "groups", held, other),
        );
        if ("refused" in sets) continue;
        sets.groups.forEach(({ images, ...g }, group) => {
          found.differences.push({ a, b, held, group, ...g, images: images.map((i) => places?.[i] ?? i) });
        });
      }
  }
  return rows;
}

/** The deepest layers of every two trained networks: where a difference is one of meaning. */
function deepest({ plan, study }: Context): [number, number][] {
  const last = study.networks.flatMap((n, at) =>
    n.twin
      ? []
      : [
          plan.layers.reduce(
            (top, l, i) => (l.network === at && (top < 0 || l.tap.depth >= plan.layers[top]!.tap.depth) ? i : top),
            -1,
          ),
        ],
  );
  return last.flatMap((a, i) => last.slice(i + 1).map((b): [number, number] => [a, b]));
}

/** Concept maps averaged over the common frame: images x k. The same images as the pooled activations. */
async function pooledConcepts(context: Context, layer: number, rows: number): Promise<Matrix> {
  const { plan, study } = context;
  const parts: Float32Array[] = [];
  let cols = 0;
  for (const shard of plan.testShards.keys()) {
    const { data, n, c, h, w } = await mapsOf(context, layer, shard, "main");
    cols = c;
    parts.push(Float32Array.from({ length: n * c }, (_, p) => mean(data.subarray(p * h * w, (p + 1) * h * w))));
  }
  const all = { data: new Float32Array(study.test.length * cols), rows: study.test.length, cols };
  parts.reduce((at, part) => {
    all.data.set(part, at);
    return at + part.length;
  }, 0);
  return rows === all.rows ? all : rowsOf(all, plan.cellImages);
}

function rowsOf(m: Matrix, rows: Int32Array): Matrix {
  const data = new Float32Array(rows.length * m.cols);
  rows.forEach((r, i) => {
    data.set(m.data.subarray(r * m.cols, (r + 1) * m.cols), i * m.cols);
  });
  return { data, rows: rows.length, cols: m.cols };
}
