import type { LayerRow, RunFile } from "../contract/results.js";

/** Raised when the page's data change their meaning: a page made by another version is not shown again, the study is run again. */
export const REPORT_VERSION = 2;

/**
 * What the page shows; it computes nothing of the method. The manifest is small and always there. What is large lies in blocks (named safetensors
 * files), which the page reads when they are looked at: inside the page up to 20 MB, beside it beyond.
 *   concepts          best partner of every concept in every layer and network, photographs on which it is strongest
 *   cells/<a>         for each cell (a, b): J* of all pairs of concepts, and which photographs show each matched pair
 *   masks/<layer>     packed bits, concepts x photographs, on the layer's own grid and on the coarser ones on which it is compared
 *   maps/<layer>      one WebP a concept: its maps on all photographs, side by side; none of shuffled twins
 *   photos/<chunk>    WebP files
 *   tables/<name>     columns as JSON
 *   named/labels      labels of each named concept on some photographs, named/<layer> what the layer predicts there
 *   local/photos      photographs to fit on which local concept embeddings are shown
 */
export interface ReportManifest {
  readonly version: typeof REPORT_VERSION;
  readonly run: RunFile;
  /** All layers of the study, network by network, shallow to deep. */
  readonly layers: readonly ReportLayer[];
  /** Concepts of all layers, layer by layer. */
  readonly concepts: ReportConcepts;
  /** By method: the study's own, and those that stand beside it. */
  readonly cells: Readonly<Record<string, ReportCells>>;
  /** Concepts of one network that go on in its next layer. */
  readonly flow: ReportEdges;
  /** Concepts of two networks that are each other's best partner over all their layers. */
  readonly shared: ReportEdges;
  readonly photos: readonly ReportPhoto[];
  /** Photographs a block `photos/<chunk>`. */
  readonly photosPerBlock: number;
  /** How many photographs of the study there are; the page holds those in `photos`. */
  readonly testImages: number;
  /** Bytes of each block as it is stored. */
  readonly blocks: Readonly<Record<string, number>>;
  /** Rows of each table that only some studies have, by the name of its file; they lie in blocks `tables/<name>`. */
  readonly tables: Readonly<Record<string, number>>;
}

export interface ReportLayer {
  /** Place among `run.models`. */
  readonly network: number;
  readonly name: string;
  /** A short name that is unique in its network. */
  readonly short: string;
  readonly depth: number;
  readonly headDepth: number;
  readonly op: string;
  readonly channels: number;
  readonly gridH: number;
  readonly gridW: number;
  /** S' with its own refit. */
  readonly self: number | null;
  readonly explained: number | null;
  /** Place of its first concept in `concepts`, and how many there are. */
  readonly first: number;
  readonly k: number;
  readonly tile: ReportTile | null;
}

/** How the maps of a concept lie in its sprite: photograph p at column p % columns, row floor(p / columns), tiles of width x height pixels. */
export interface ReportTile {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
}

export interface ReportConcepts {
  readonly energy: readonly number[];
  readonly stability: readonly (number | null)[];
  readonly density: readonly number[];
  readonly label: readonly (string | null)[];
  readonly labelIou: readonly (number | null)[];
}

const CELL_NUMBERS = [
  "similarity",
  "pair_iou",
  "raw_iou",
  "forward",
  "backward",
  "one_to_one",
  "null_mean",
  "z",
  "p_value",
  "q_value",
  "ci_low",
  "ci_high",
  "ci_images_low",
  "ci_images_high",
  "refit_sd",
  "coarsest",
  "pearson",
] as const satisfies readonly (keyof LayerRow)[];
export type CellNumber = (typeof CELL_NUMBERS)[number];

/** Columns of equal length: layers by their place in `layers`, a <= b; then the columns of layers.csv by their names. */
export interface ReportCells extends Readonly<Record<CellNumber, readonly (number | null)[]>> {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly grid: readonly string[];
  readonly flags: readonly string[];
  /** 99th percentile of single J* with the photographs permuted: what a pair of concepts must exceed. */
  readonly pair99: readonly (number | null)[];
}

/** Columns: concepts by their place in `concepts`, and their J*. */
export interface ReportEdges {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly value: readonly number[];
}

export interface ReportPhoto {
  readonly id: string;
  /** Pixels of the picture in the page. */
  readonly width: number;
  readonly height: number;
}

/** Cells as columns. `rows`: those of layers.csv in the order of the cells. */
export function cellColumns(
  cells: readonly { readonly a: number; readonly b: number; readonly row: LayerRow; readonly pair99: number }[],
): ReportCells {
  const numbers = Object.fromEntries(CELL_NUMBERS.map((name) => [name, cells.map((c) => rounded(c.row[name]))]));
  return {
    ...(numbers as Record<CellNumber, (number | null)[]>),
    a: cells.map((c) => c.a),
    b: cells.map((c) => c.b),
    grid: cells.map((c) => c.row.grid),
    flags: cells.map((c) => c.row.flags),
    pair99: cells.map((c) => rounded(c.pair99)),
  };
}

/** Four decimals: more than a reader sees, less than a page must carry. NaN is no value. */
export function rounded(x: number | null | undefined): number | null {
  return x === null || x === undefined || !Number.isFinite(x) ? null : Math.round(x * 1e4) / 1e4;
}
