import type { LayerSummary } from "../../concepts/locesummary.js";
import { CLUSTER_TEST, summarizeLayer, unitRows } from "../../concepts/locesummary.js";
import type { LocationImageRow, LocationPairRow, LocationRow } from "../../contract/locations.js";
import type { TensorFile } from "../../contract/safetensors.js";
import { seededRandom } from "../../numerics/random.js";
import { keyOf } from "../context.js";
import type { Desk } from "./desk.js";
import { kept } from "./desk.js";
import type { LayerLocations } from "./gathered.js";
import type { LocateRequest } from "./locate.js";
import { locateNetwork } from "./locate.js";
import { value } from "./presences.js";

/** Local concept embeddings of a study: tables, and the vectors of each network's layers. */
export interface Locations {
  readonly rows: readonly LocationRow[];
  readonly pairs: readonly LocationPairRow[];
  readonly images: readonly LocationImageRow[];
  /** Trained network by network, tap by tap; empty where they were not asked for. */
  readonly vectors: readonly (readonly LayerLocations[])[];
}

export const NO_LOCATIONS: Locations = { rows: [], pairs: [], images: [], vectors: [] };

/** A vector for each concept of each photograph to fit in each layer of the trained networks, and how these lie. `networks`: the trained ones' places. */
export async function locate(desk: Desk, networks: readonly number[], request: LocateRequest): Promise<Locations> {
  const names = request.set.concepts.map((c) => c.name);
  const out = { rows: [] as LocationRow[], pairs: [] as LocationPairRow[], images: [] as LocationImageRow[] };
  const vectors: LayerLocations[][] = [];
  for (const at of networks) {
    const layers = await locateNetwork(desk, at, request);
    vectors.push(layers);
    const { id, taps } = desk.context.study.networks[at]!;
    for (const [t, layer] of layers.entries()) {
      const summary = await summaryOf(desk, layer, request.seed);
      const place = { model: id, layer: taps[t]!.name, depth: taps[t]!.depth };
      out.rows.push(...locationRows(place, names, layer, summary));
      out.pairs.push(...pairRows(place, names, summary));
      out.images.push(...imageRows(place, names, layer, summary, request));
      desk.env.progress({ stage: "sub-clusters", what: id, done: t + 1, total: layers.length });
    }
  }
  return { ...out, vectors };
}

type Place = Pick<LocationRow, "model" | "layer" | "depth">;

function locationRows(
  place: Place,
  names: readonly string[],
  layer: LayerLocations,
  summary: LayerSummary,
): LocationRow[] {
  return names.map((concept, j): LocationRow => {
    const s = summary.concepts[j]!;
    const ious = [...layer.iou.keys()].flatMap((i) =>
      layer.concept[i] === j && !Number.isNaN(layer.iou[i]!) ? [layer.iou[i]!] : [],
    );
    let most = -1;
    s.nearer.forEach((v, o) => {
      if (v > (most < 0 ? 0 : s.nearer[most]!)) most = o;
    });
    return {
      concept,
      ...place,
      images: s.images,
      spread: value(s.spread),
      spread_noise: value(s.spreadNoise),
      halves: value(s.within),
      between: value(s.between),
      // halves that do not know each other say nothing about photographs
      likeness: s.within > 0 ? value(s.between / s.within) : null,
      iou: value(ious.reduce((sum, v) => sum + v, 0) / ious.length),
      clusters: s.clusters.length,
      cluster_sizes: s.clusters.join(";"),
      p_value: value(s.p),
      overlap: value(s.overlap),
      overlap_chance: value(s.overlapChance),
      confused_with: most < 0 ? null : names[most]!,
      purity: value(summary.purity),
      purity_chance: value(summary.purityChance),
    };
  });
}

function pairRows(place: Place, names: readonly string[], { concepts }: LayerSummary): LocationPairRow[] {
  return concepts.flatMap(({ nearer }, j) =>
    [...nearer.keys()].flatMap((o): LocationPairRow[] =>
      Number.isNaN(nearer[o]!) ? [] : [{ ...place, concept: names[j]!, other: names[o]!, nearer: nearer[o]! }],
    ),
  );
}

function imageRows(
  place: Place,
  names: readonly string[],
  layer: LayerLocations,
  { cluster, central, nearest, plane }: LayerSummary,
  { images }: LocateRequest,
): LocationImageRow[] {
  return Array.from(
    layer.concept,
    (j, row): LocationImageRow => ({
      ...place,
      row,
      image: images[layer.image[row]!]!.image.id,
      concept: names[j]!,
      cluster: cluster[row]! + 1,
      centrality: central[row]!,
      nearest: nearest[row]! < 0 ? null : names[nearest[row]!]!,
      halves: value(layer.halves[row]),
      iou: value(layer.iou[row]),
      x: plane[2 * row]!,
      y: plane[2 * row + 1]!,
    }),
  );
}

/** The summary, kept under the vectors it is of. */
async function summaryOf({ env }: Desk, layer: LayerLocations, seed: number): Promise<LayerSummary> {
  const key = keyOf(env, "distribution of locations", layer.key, seed, CLUSTER_TEST);
  const file = await kept(env, key, async () => {
    const { vectors, deviation, concept, halves, between } = layer;
    const units = unitRows(vectors, deviation);
    return toFile(await summarizeLayer({ units, concept, halves, between }, seededRandom(seed, key), env.engine));
  });
  return fromFile(file);
}

const FACTS = ["images", "spread", "spreadNoise", "within", "between", "p", "overlap", "overlapChance"] as const;

function toFile({ concepts, cluster, central, nearest, purity, purityChance, plane }: LayerSummary): TensorFile {
  const f32 = (data: Float32Array) => ({ type: "float32" as const, dims: [data.length], data });
  const f64 = (data: Float64Array) => ({ type: "float64" as const, dims: [data.length], data });
  const i32 = (data: Int32Array) => ({ type: "int32" as const, dims: [data.length], data });
  return {
    tensors: {
      facts: f64(Float64Array.from(concepts.flatMap((s) => FACTS.map((f) => s[f])))),
      nearer: f64(Float64Array.from(concepts.flatMap((s) => [...s.nearer]))),
      count: i32(Int32Array.from(concepts, (s) => s.clusters.length)),
      sizes: i32(Int32Array.from(concepts.flatMap((s) => [...s.clusters]))),
      cluster: i32(cluster),
      nearest: i32(nearest),
      central: f32(central),
      plane: f32(plane),
      purity: f64(Float64Array.of(purity, purityChance)),
    },
    metadata: { kind: "distribution of locations" },
  };
}

function fromFile({ tensors }: TensorFile): LayerSummary {
  const f64 = (name: string) => tensors[name]!.data as Float64Array;
  const i32 = (name: string) => tensors[name]!.data as Int32Array;
  const [facts, nearer, count, sizes] = [f64("facts"), f64("nearer"), i32("count"), i32("sizes")];
  const k = count.length;
  let from = 0;
  return {
    concepts: Array.from(count, (c, j) => {
      const clusters = [...sizes.subarray(from, from + c)];
      from += c;
      const own = Object.fromEntries(FACTS.map((f, i) => [f, facts[j * FACTS.length + i]!]));
      return {
        ...(own as Record<(typeof FACTS)[number], number>),
        clusters,
        nearer: nearer.slice(j * k, (j + 1) * k),
      };
    }),
    cluster: i32("cluster"),
    nearest: i32("nearest"),
    central: tensors.central!.data as Float32Array,
    plane: tensors.plane!.data as Float32Array,
    purity: f64("purity")[0]!,
    purityChance: f64("purity")[1]!,
  };
}
