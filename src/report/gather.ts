import { shownNames } from "../contract/names.js";
import type { ConceptRow, LayerRow, RunFile } from "../contract/results.js";
import type { TensorFile } from "../contract/safetensors.js";
import type { FlowRow } from "../contract/trust.js";
import type { BitMasks } from "../numerics/bits.js";
import type { StudyResult } from "../study.js";
import { PLACES_A_PAIR, shownExamples } from "./choose.js";
import type { ReportCells, ReportLayer, ReportManifest, ReportPhoto, ReportTile } from "./data.js";
import { cellColumns, REPORT_VERSION, rounded } from "./data.js";
import { flowEdges, sharedEdges } from "./edges.js";
import type { Partners } from "./partners.js";
import { partnersOf } from "./partners.js";

/** Photographs on which a concept is strongest that the page knows. */
const GALLERY = 18;

export interface Gathered {
  readonly manifest: Omit<ReportManifest, "blocks">;
  readonly blocks: Record<string, TensorFile>;
}

/** Rows of the run's files that the page shows. */
export interface ReportRows {
  readonly layers: readonly LayerRow[];
  readonly concepts: readonly ConceptRow[];
  /** Tables that only some studies have, by the name of their file. */
  readonly tables?: Readonly<Record<string, readonly object[]>>;
}

/** What the page shows of the photographs and of the maps: `images` are places among the test images, `photos` one each, `tiles` one a layer. */
export interface ReportPictures {
  readonly images: readonly number[];
  /** One a layer, on its own grid, of `images` in order. */
  readonly masks: readonly BitMasks[];
  /** One list a layer: the same on the coarser grids on which it is compared, by their names. */
  readonly coarser: readonly ReadonlyMap<string, BitMasks>[];
  readonly photos: readonly ReportPhoto[];
  readonly photosPerBlock: number;
  readonly tiles: readonly (ReportTile | null)[];
}

export function gather(result: StudyResult, run: RunFile, rows: ReportRows, pictures: ReportPictures): Gathered {
  const { images, masks, coarser, photos, photosPerBlock, tiles } = pictures;
  const { study, comparison } = result;
  const shorts = study.networks.map((n) => shownNames(n.taps.map((t) => t.name)));
  let first = 0;
  const layers = result.layers.map((layer, at): ReportLayer => {
    const k = result.mined[at]!.fit.vectors.rows;
    first += k;
    const { tap } = layer;
    return {
      network: layer.network,
      name: tap.name,
      short: shorts[layer.network]![layer.index]!,
      depth: rounded(tap.depth)!,
      headDepth: rounded(tap.headDepth)!,
      op: tap.op,
      channels: tap.channels,
      gridH: layer.grid.h,
      gridW: layer.grid.w,
      self: rounded(comparison.self[at]),
      explained: rounded(result.mined[at]!.fit.explainedVariance),
      first: first - k,
      k,
      tile: tiles[at] ?? null,
    };
  });
  const partners = partnersOf(result, layers);
  const tables = Object.entries(rows.tables ?? {}).filter(([, some]) => some.length > 0);
  return {
    manifest: {
      version: REPORT_VERSION,
      run,
      layers,
      concepts: {
        energy: rows.concepts.map((r) => rounded(r.energy)!),
        stability: rows.concepts.map((r) => rounded(r.stability)),
        density: rows.concepts.map((r) => rounded(r.density)!),
        label: rows.concepts.map((r) => r.label),
        labelIou: rows.concepts.map((r) => rounded(r.label_iou)),
      },
      cells: cellsByMethod(result, rows.layers),
      flow: flowEdges(
        (rows.tables?.flow ?? []) as readonly FlowRow[],
        layers,
        study.networks.map((n) => n.id),
      ),
      shared: sharedEdges(partners, layers),
      photos,
      photosPerBlock,
      testImages: study.test.length,
      tables: Object.fromEntries(tables.map(([name, some]) => [name, some.length])),
    },
    blocks: {
      concepts: conceptBlock(masks, result.study.networks.length, partners),
      ...cellBlocks(result, images),
      ...maskBlocks(masks, coarser),
      ...Object.fromEntries(tables.map(([name, some]) => [`tables/${name}`, tableBlock(some)])),
    },
  };
}

/** The cells of each method in layers.csv, the study's own first. A method need not have every cell. */
function cellsByMethod(
  { study, layers, comparison }: StudyResult,
  rows: readonly LayerRow[],
): Record<string, ReportCells> {
  const id = (l: number) => `${study.networks[layers[l]!.network]!.id}\n${layers[l]!.tap.name}`;
  const place = new Map(comparison.cells.map((c, at) => [`${id(c.a)}\n${id(c.b)}`, at]));
  const out: Record<string, { a: number; b: number; row: LayerRow; pair99: number }[]> = {};
  for (const row of rows) {
    const at = place.get(`${row.model_a}\n${row.layer_a}\n${row.model_b}\n${row.layer_b}`);
    if (at === undefined) continue;
    const { a, b, result } = comparison.cells[at]!;
    const own = out[row.method] ?? [];
    own.push({ a, b, row, pair99: result.nullDistribution.pair99 });
    out[row.method] = own;
  }
  return Object.fromEntries(Object.entries(out).map(([method, cells]) => [method, cellColumns(cells)]));
}

/** Rows as columns, in JSON: {"column": [values]}. */
function tableBlock(rows: readonly object[]): TensorFile {
  const columns = Object.keys(rows[0]!);
  const text = JSON.stringify(
    Object.fromEntries(
      columns.map((c) => [
        c,
        rows.map((row) => {
          const v = (row as Record<string, unknown>)[c];
          return typeof v === "number" ? rounded(v) : v;
        }),
      ]),
    ),
  );
  return { tensors: { json: u8(new TextEncoder().encode(text)) }, metadata: {} };
}

const f32 = (data: Float32Array, ...dims: number[]) => ({ type: "float32" as const, dims, data });
const i32 = (data: Int32Array, ...dims: number[]) => ({ type: "int32" as const, dims, data });
const u8 = (data: Uint8Array, ...dims: number[]) => ({
  type: "uint8" as const,
  dims: dims.length > 0 ? dims : [data.length],
  data,
});

function conceptBlock(layers: readonly BitMasks[], networks: number, p: Partners): TensorFile {
  const total = p.best.length / layers.length;
  const shown = Math.min(GALLERY, layers[0]?.n ?? 0);
  const strongest = new Int32Array(total * shown).fill(-1);
  let at = 0;
  for (const { data, n, k, stride } of layers) {
    for (let c = 0; c < k; c++, at++) {
      const areas = Array.from({ length: n }, (_, x) => ({ x, area: ones(data, (x * k + c) * stride, stride) }));
      areas
        .filter((a) => a.area > 0)
        .sort((u, v) => v.area - u.area || u.x - v.x)
        .slice(0, shown)
        .forEach((a, i) => {
          strongest[at * shown + i] = a.x;
        });
    }
  }
  return {
    tensors: {
      best: i32(p.best, total, layers.length),
      value: f32(p.value, total, layers.length),
      mark: u8(p.mark, total, layers.length),
      networkBest: i32(p.networkBest, total, networks),
      networkValue: f32(p.networkValue, total, networks),
      networkMark: u8(p.networkMark, total, networks),
      strongest: i32(strongest, total, shown),
    },
    metadata: {},
  };
}

function ones(data: Uint8Array, from: number, length: number): number {
  let n = 0;
  for (let i = from; i < from + length; i++) {
    let b = data[i]!;
    while (b) {
      b &= b - 1;
      n++;
    }
  }
  return n;
}

/** `corrected/<b>` and `sd/<b>` (its standard deviation over resamples of the photographs, where there are any) ka x kb; `photos/<b>` and `ious/<b>` (ka + kb) x 6: the best pair of each concept of a, then of b. */
function cellBlocks({ comparison }: StudyResult, images: readonly number[]): Record<string, TensorFile> {
  const out: Record<
    string,
    { tensors: Record<string, TensorFile["tensors"][string]>; metadata: Record<string, string> }
  > = {};
  const place = new Map(images.map((x, i) => [x, i]));
  for (const { a, b, result } of comparison.cells) {
    const { similarity, iou, examples, interval } = result;
    const [ka, kb] = [iou.corrected.rows, iou.corrected.cols];
    const photos = new Int32Array((ka + kb) * PLACES_A_PAIR);
    const ious = new Float32Array((ka + kb) * PLACES_A_PAIR);
    for (let concept = 0; concept < ka + kb; concept++) {
      const shown = shownExamples(examples, concept, place);
      photos.set(shown.photos, concept * PLACES_A_PAIR);
      ious.set(shown.ious.map(three), concept * PLACES_A_PAIR);
    }
    const block = out[`cells/${a}`] ?? { tensors: {}, metadata: {} };
    out[`cells/${a}`] = block;
    block.tensors[`corrected/${b}`] = f32(Float32Array.from(iou.corrected.data, three), ka, kb);
    if (interval)
      block.tensors[`sd/${b}`] = f32(
        interval.pairSd.map((v) => Math.round(v * 1e4) / 1e4),
        ka,
        kb,
      );
    block.tensors[`photos/${b}`] = i32(photos, ka + kb, PLACES_A_PAIR);
    block.tensors[`ious/${b}`] = f32(ious, ka + kb, PLACES_A_PAIR);
    block.tensors[`assigned/${b}`] = i32(similarity.assigned, ka);
  }
  return out;
}

const three = (x: number) => Math.round(x * 1e3) / 1e3;

/** `bits` on the layer's own grid, `bits/<grid>` on the coarser ones: k x n x bytes. */
function maskBlocks(
  layers: readonly BitMasks[],
  coarser: readonly ReadonlyMap<string, BitMasks>[],
): Record<string, TensorFile> {
  return Object.fromEntries(
    layers.map((own, at) => {
      const more = [...coarser[at]!].map(([grid, masks]) => [`bits/${grid}`, packed(masks)] as const);
      return [`masks/${at}`, { tensors: { bits: packed(own), ...Object.fromEntries(more) }, metadata: {} }];
    }),
  );
}

function packed({ data, n, k, cells, stride }: BitMasks): TensorFile["tensors"][string] {
  const bytes = Math.ceil(cells / 8);
  const bits = new Uint8Array(k * n * bytes);
  for (let c = 0; c < k; c++) {
    for (let x = 0; x < n; x++) {
      const from = (x * k + c) * stride;
      bits.set(data.subarray(from, from + bytes), (c * n + x) * bytes);
    }
  }
  return u8(bits, k, n, bytes);
}
