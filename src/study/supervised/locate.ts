import { gatherRowsInto } from "../../activations/sample.js";
import type { LocalCells } from "../../concepts/loce.js";
import { fitLocal, LOCE } from "../../concepts/loce.js";
import type { TensorFile } from "../../contract/safetensors.js";
import { maskSums, onTensor } from "../../dataset/labels/grids.js";
import type { LabelledImage, LabelSet } from "../../dataset/labels/types.js";
import { samplePositions } from "../../dataset/positions.js";
import type { Geometry } from "../../dataset/types.js";
import type { Tap } from "../../model/types.js";
import { seededRandom } from "../../numerics/random.js";
import type { Matrix } from "../../numerics/types.js";
import type { StudyNetwork } from "../../study.js";
import { keyOf } from "../context.js";
import type { Sight } from "../look.js";
import { activationsOf } from "../look.js";
import type { Desk } from "./desk.js";
import { kept } from "./desk.js";
import type { LayerLocations } from "./gathered.js";
import { Gathered, locationsFromFile, Moments } from "./gathered.js";

export interface LocateRequest {
  readonly set: LabelSet;
  /** Labelled images to learn from. */
  readonly images: readonly LabelledImage[];
  readonly seed: number;
}

/** Vectors of this many bytes are held at once; layers are taken in groups that fit, at two passes of the network a group. */
const HOLD_BYTES = 256 * 2 ** 20;

/** Vectors of every tap of a network, one artifact a tap. */
export async function locateNetwork(desk: Desk, at: number, request: LocateRequest): Promise<LayerLocations[]> {
  const { env, context } = desk;
  const network = context.study.networks[at]!;
  const { set, images, seed } = request;
  const keys = network.taps.map((tap) =>
    keyOf(
      env,
      "locations of layers",
      network.sha256,
      network.preprocessing,
      tap.name,
      LOCE,
      seed,
      set.concepts,
      images.map((i) => [i.image.hash, i.hash]),
    ),
  );
  const out: LayerLocations[] = [];
  const missing: number[] = [];
  for (const [t, key] of keys.entries()) {
    const known = await env.store.get(key);
    if (known) out[t] = locationsFromFile(key, known);
    else missing.push(t);
  }
  for (const group of groupsOf(network, missing, request)) {
    let made: Promise<TensorFile[]> | undefined;
    for (const [g, t] of group.entries()) {
      const file = await kept(env, keys[t]!, async () => {
        made ??= locateGroup(desk, at, group, request);
        return (await made)[g]!;
      });
      out[t] = locationsFromFile(keys[t]!, file);
    }
  }
  return out;
}

function groupsOf(network: StudyNetwork, taps: readonly number[], { set, images }: LocateRequest): number[][] {
  const shown = new Float64Array(set.concepts.length);
  for (const { entries } of images) for (const { concept } of entries) shown[concept]!++;
  const vectors = shown.reduce((s, n) => s + Math.min(n, LOCE.mostImages), 0);
  const groups: number[][] = [];
  let left = 0;
  for (const t of taps) {
    const bytes = 4 * vectors * network.taps[t]!.channels;
    if (groups.length === 0 || bytes > left) {
      groups.push([]);
      left = HOLD_BYTES;
    }
    groups.at(-1)!.push(t);
    left -= bytes;
  }
  return groups;
}

async function locateGroup(
  desk: Desk,
  at: number,
  group: readonly number[],
  request: LocateRequest,
): Promise<TensorFile[]> {
  const { env, context } = desk;
  const network = context.study.networks[at]!;
  const { images, set } = request;
  const taps = group.map((t) => network.taps[t]!);
  const refs = images.map((i) => i.image);
  const moments = taps.map(() => new Moments());
  for await (const view of activationsOf(context, at, refs)) {
    for (const [g, t] of group.entries()) moments[g]!.add(rowsOf(view, t, taps[g]!, request).rows);
    env.progress({ stage: "channels", what: network.id, done: view.at + 1, total: images.length });
  }
  const scales = moments.map((m) => m.scale());
  const gathered = taps.map((tap) => new Gathered(tap.channels, set.concepts.length));
  for await (const view of activationsOf(context, at, refs)) {
    const labelled = images[view.at]!;
    const wanted = labelled.entries.map((e) => e.concept);
    if (wanted.length > 0) {
      const masks = await set.open(labelled.image);
      const sums = wanted.map((j) => maskSums(masks.mask(j), masks.width, masks.height, masks.valid(j)));
      for (const [g, t] of group.entries()) {
        const to = gathered[g]!;
        const open = wanted.flatMap((j, i) => (to.count[j]! < LOCE.mostImages ? [i] : []));
        const { rows, positions, half } = rowsOf(view, t, taps[g]!, request);
        const { h, w } = view.activations[t]!;
        const targets = new Float32Array(rows.rows * open.length);
        const weights = new Float32Array(rows.rows * open.length);
        open.forEach((i, j) => {
          const { share, weight } = onTensor(sums[i]!, view.geometry, { h, w });
          positions.forEach((cell, r) => {
            targets[r * open.length + j] = share[cell]!;
            weights[r * open.length + j] = weight[cell]!;
          });
        });
        const cells: LocalCells = { rows, targets, weights, half };
        const found = open.length > 0 ? await fitLocal(cells, scales[g]!, LOCE.lambda, env.engine) : [];
        for (const v of found) to.add(view.at, wanted[open[v.concept]!]!, v);
      }
    }
    env.progress({ stage: "locations", what: network.id, done: view.at + 1, total: images.length });
  }
  return gathered.map((g, i) => g.file(scales[i]!));
}

/** All cells of the photograph, or an even draw of them, with the half that each lies in. */
function rowsOf({ activations, geometry, image }: Sight, t: number, tap: Tap, { seed }: LocateRequest) {
  const a = activations[t]!;
  const random = seededRandom(seed, "locations", image.hash, tap.name);
  const positions = samplePositions(a.h, a.w, LOCE.mostCells, geometry, random);
  const rows: Matrix = { data: new Float32Array(positions.length * a.c), rows: positions.length, cols: a.c };
  gatherRowsInto(rows, 0, a, 0, positions);
  return { rows, positions, half: halvesOf(positions, a.h, a.w, geometry) };
}

/** Which half of a chessboard over the photograph each cell's centre lies in: fields of one cell where the photograph covers no more cells a side than `LOCE.fields`. */
export function halvesOf(positions: Int32Array, h: number, w: number, { content }: Geometry): Uint8Array {
  const field = (at: number, cells: number, lo: number, hi: number) =>
    cells * (hi - lo) <= LOCE.fields ? at : Math.floor((LOCE.fields * ((at + 0.5) / cells - lo)) / (hi - lo));
  return Uint8Array.from(positions, (cell) => {
    const y = field(Math.floor(cell / w), h, content.y0, content.y1);
    const x = field(cell % w, w, content.x0, content.x1);
    return (x + y) & 1;
  });
}
