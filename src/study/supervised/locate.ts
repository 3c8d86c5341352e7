import { gatherRowsInto } from "../../activations/sample.js";
import type { ChannelScale, LocalCells } from "../../concepts/loce.js";
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

/** Local concept embeddings of one layer: n vectors, photograph by photograph, concepts ascending within one. */
export interface LayerLocations {
  readonly key: string;
  /** n x c, on raw activations; score = vector . a + bias. */
  readonly vectors: Matrix;
  readonly bias: Float32Array;
  /** c: deviation of each channel; distances are taken between rows of vectors x deviation. */
  readonly deviation: Float32Array;
  /** n: place among the concepts, and among the images to fit. */
  readonly concept: Int32Array;
  readonly image: Int32Array;
  /** n: cosine of the vectors of the photograph's two halves, and set IoU across them; NaN where a half shows none of the concept or nothing else. */
  readonly halves: Float32Array;
  readonly iou: Float32Array;
  /** k: mean cosine of vectors of halves of different photographs, first halves with second ones; NaN below 2. */
  readonly between: Float64Array;
}

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
    if (known) out[t] = fromFile(key, known);
    else missing.push(t);
  }
  for (const group of groupsOf(network, missing, request)) {
    let made: Promise<TensorFile[]> | undefined;
    for (const [g, t] of group.entries()) {
      const file = await kept(env, keys[t]!, async () => {
        made ??= locateGroup(desk, at, group, request);
        return (await made)[g]!;
      });
      out[t] = fromFile(keys[t]!, file);
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

/** Which half of a chessboard over the photograph each cell's centre lies in. */
export function halvesOf(positions: Int32Array, h: number, w: number, { content }: Geometry): Uint8Array {
  const field = (centre: number, lo: number, hi: number) => Math.floor((LOCE.fields * (centre - lo)) / (hi - lo));
  return Uint8Array.from(positions, (cell) => {
    const y = field((Math.floor(cell / w) + 0.5) / h, content.y0, content.y1);
    const x = field(((cell % w) + 0.5) / w, content.x0, content.x1);
    return (x + y) & 1;
  });
}

/** Mean and deviation of channels over rows that come in parts. */
class Moments {
  #n = 0;
  #shift: Float64Array | undefined;
  #sums = new Float64Array(0);
  #squares = new Float64Array(0);

  add({ data, rows, cols }: Matrix): void {
    if (rows === 0) return;
    if (!this.#shift) {
      this.#shift = Float64Array.from(data.subarray(0, cols));
      this.#sums = new Float64Array(cols);
      this.#squares = new Float64Array(cols);
    }
    const [shift, sums, squares] = [this.#shift, this.#sums, this.#squares];
    for (let r = 0, at = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++, at++) {
        const v = data[at]! - shift[c]!;
        sums[c]! += v;
        squares[c]! += v * v;
      }
    }
    this.#n += rows;
  }

  /** Deviations below 1e-6 of the mean are rounding: the channel is dead. */
  scale(): ChannelScale {
    const shift = this.#shift ?? new Float64Array(0);
    const mean = this.#sums.map((s, c) => shift[c]! + s / this.#n);
    const deviation = this.#squares.map((q, c) => {
      const d = Math.sqrt(Math.max(0, q / this.#n - (this.#sums[c]! / this.#n) ** 2));
      return d > 1e-6 * Math.abs(mean[c]!) ? d : 0;
    });
    return { mean, deviation };
  }
}

/** Vectors as they are found, and the sums that tell how halves of different photographs agree. */
class Gathered {
  readonly count: Int32Array;
  readonly #vectors: Float32Array[] = [];
  readonly #bias: number[] = [];
  readonly #concept: number[] = [];
  readonly #image: number[] = [];
  readonly #halves: number[] = [];
  readonly #iou: number[] = [];
  /** k x (sum of first halves, of second ones), their number, and the sum of cosines within photographs. */
  readonly #sums: (readonly [Float64Array, Float64Array])[];
  readonly #both: Float64Array;
  readonly #within: Float64Array;

  constructor(
    readonly channels: number,
    k: number,
  ) {
    this.count = new Int32Array(k);
    this.#sums = Array.from({ length: k }, () => [new Float64Array(channels), new Float64Array(channels)] as const);
    this.#both = new Float64Array(k);
    this.#within = new Float64Array(k);
  }

  add(image: number, concept: number, found: Awaited<ReturnType<typeof fitLocal>>[number]): void {
    this.count[concept]!++;
    this.#vectors.push(found.vector);
    this.#bias.push(found.bias);
    this.#concept.push(concept);
    this.#image.push(image);
    this.#iou.push(found.iou);
    if (!found.halves) {
      this.#halves.push(Number.NaN);
      return;
    }
    const [a, b] = found.halves;
    const [first, second] = this.#sums[concept]!;
    let cosine = 0;
    for (let c = 0; c < this.channels; c++) {
      first[c]! += a[c]!;
      second[c]! += b[c]!;
      cosine += a[c]! * b[c]!;
    }
    this.#halves.push(cosine);
    this.#both[concept]!++;
    this.#within[concept]! += cosine;
  }

  file({ deviation }: ChannelScale): TensorFile {
    const n = this.#vectors.length;
    const vectors = new Float32Array(n * this.channels);
    this.#vectors.forEach((v, i) => {
      vectors.set(v, i * this.channels);
    });
    const between = this.#both.map((m, j) => {
      const [first, second] = this.#sums[j]!;
      let all = 0;
      for (let c = 0; c < this.channels; c++) all += first[c]! * second[c]!;
      return m < 2 ? Number.NaN : (all - this.#within[j]!) / (m * (m - 1));
    });
    const f32 = (data: Iterable<number>) => ({ type: "float32" as const, data: Float32Array.from(data) });
    const i32 = (data: Iterable<number>) => ({ type: "int32" as const, data: Int32Array.from(data) });
    const line = <T extends { readonly data: { readonly length: number } }>(t: T) => ({ ...t, dims: [t.data.length] });
    return {
      tensors: {
        vectors: { type: "float32", dims: [n, this.channels], data: vectors },
        bias: line(f32(this.#bias)),
        deviation: line(f32(deviation)),
        concept: line(i32(this.#concept)),
        image: line(i32(this.#image)),
        halves: line(f32(this.#halves)),
        iou: line(f32(this.#iou)),
        between: { type: "float64", dims: [between.length], data: between },
      },
      metadata: { kind: "locations" },
    };
  }
}

function fromFile(key: string, { tensors }: TensorFile): LayerLocations {
  const { vectors, between } = tensors;
  const f32 = (name: string) => tensors[name]!.data as Float32Array;
  const i32 = (name: string) => tensors[name]!.data as Int32Array;
  return {
    key,
    vectors: { data: vectors!.data as Float32Array, rows: vectors!.dims[0]!, cols: vectors!.dims[1]! },
    bias: f32("bias"),
    deviation: f32("deviation"),
    concept: i32("concept"),
    image: i32("image"),
    halves: f32("halves"),
    iou: f32("iou"),
    between: between!.data as Float64Array,
  };
}
