import type { ConceptRow, LayerRow, PairRow, RunFile } from "../contract/results.js";
import type { BitMasks } from "../numerics/bits.js";
import type { StudyResult } from "../study.js";

/** Everything the page shows; the page computes nothing of the method. JSON-able. */
export interface ReportData {
  readonly run: RunFile;
  /** All layers of the study, network by network, shallow to deep. */
  readonly layers: readonly ReportLayer[];
  readonly cells: readonly ReportCell[];
  readonly photos: readonly ReportPhoto[];
}

export interface ReportLayer {
  readonly network: number;
  readonly name: string;
  /** A short name that is unique in its network. */
  readonly short: string;
  readonly depth: number;
  readonly gridH: number;
  readonly gridW: number;
  readonly self: number | null;
  readonly concepts: readonly Pick<ConceptRow, "energy" | "stability" | "density" | "label">[];
  /** For each concept and photo the mask on the layer's grid, base64 of packed bits (least significant first), photos in order. */
  readonly masks: readonly string[];
}

/** Layers by their place in `layers`, a <= b. */
export interface ReportCell
  extends Pick<
    LayerRow,
    | "similarity"
    | "pair_iou"
    | "raw_iou"
    | "forward"
    | "backward"
    | "one_to_one"
    | "null_mean"
    | "z"
    | "p_value"
    | "ci_low"
    | "ci_high"
    | "grid"
    | "flags"
  > {
  readonly a: number;
  readonly b: number;
  /** J* of every pair of concepts, k_a x k_b, three decimals. */
  readonly corrected: readonly (number | null)[];
  /** For each concept of a its best partner in b, strongest first, with the photos on which most cells are in both masks. */
  readonly matches: readonly {
    readonly i: number;
    readonly j: number;
    readonly value: number;
    readonly mutual: boolean;
    readonly photos: readonly number[];
  }[];
}

export interface ReportPhoto {
  readonly id: string;
  readonly uri: string;
  readonly width: number;
  readonly height: number;
}

export interface ReportRows {
  readonly layers: readonly LayerRow[];
  readonly concepts: readonly ConceptRow[];
  readonly pairs: readonly PairRow[];
}

const PHOTOS_A_PAIR = 3;

/** Which test images the page needs: for every best pair the ones on which most cells are in both masks; the most wanted, at most `most`. */
export function chooseImages({ comparison }: StudyResult, most: number): number[] {
  const wanted = new Map<number, number>();
  for (const cell of comparison.cells) {
    for (const [i] of bestPairs(cell.result.similarity.bestForA)) {
      for (const x of strongest(cell.result.top, i, PHOTOS_A_PAIR)) wanted.set(x, (wanted.get(x) ?? 0) + 1);
    }
  }
  const order = [...wanted].sort((p, q) => q[1] - p[1] || p[0] - q[0]).map(([x]) => x);
  return order.slice(0, most).sort((p, q) => p - q);
}

function bestPairs(best: Int32Array): [number, number][] {
  return Array.from(best, (j, i): [number, number] => [i, j]).filter(([, j]) => j >= 0);
}

type Top = StudyResult["comparison"]["cells"][number]["result"]["top"];

function strongest({ images, most }: Top, i: number, count: number, among?: ReadonlySet<number>): number[] {
  return [...images.subarray(i * most, (i + 1) * most)]
    .filter((x) => x >= 0 && (!among || among.has(x)))
    .slice(0, count);
}

/** `photos` and `masks` (a layer each): one an image of `images`, which are places among the test images. */
export function reportData(
  result: StudyResult,
  run: RunFile,
  rows: ReportRows,
  images: readonly number[],
  photos: readonly ReportPhoto[],
  layerMasks: readonly BitMasks[],
): ReportData {
  const { layers, comparison } = result;
  let concept = 0;
  const shorts = result.study.networks.map((n) => shortNames(n.taps.map((t) => t.name)));
  const place = new Map(images.map((x, i) => [x, i]));
  const chosen = new Set(images);
  const reportLayers = layers.map((layer, at): ReportLayer => {
    const masks = layerMasks[at]!;
    const from = concept;
    concept += masks.k;
    const concepts = rows.concepts
      .slice(from, concept)
      .map(({ energy, stability, density, label }) => ({ energy, stability, density, label }));
    const bytes = Math.ceil(masks.cells / 8);
    const packed = Array.from({ length: masks.k }, (_, c) => {
      const all = new Uint8Array(images.length * bytes);
      images.forEach((_, i) => {
        const start = (i * masks.k + c) * masks.stride;
        all.set(masks.data.subarray(start, start + bytes), i * bytes);
      });
      return toBase64(all);
    });
    return {
      network: layer.network,
      name: layer.tap.name,
      short: shorts[layer.network]![layer.index]!,
      depth: layer.tap.depth,
      gridH: layer.grid.h,
      gridW: layer.grid.w,
      self: finite(comparison.self[at]!),
      concepts,
      masks: packed,
    };
  });
  const known = new Map(rows.layers.map((r) => [`${r.model_a} ${r.layer_a} ${r.model_b} ${r.layer_b}`, r]));
  const cells = comparison.cells.map((cell): ReportCell => {
    const id = (l: number) => `${result.study.networks[layers[l]!.network]!.id} ${layers[l]!.tap.name}`;
    const row = known.get(`${id(cell.a)} ${id(cell.b)}`)!;
    const { iou, similarity, top, kb } = cell.result;
    const matches = bestPairs(similarity.bestForA)
      .map(([i, j]) => ({
        i,
        j,
        value: iou.corrected.data[i * kb + j]!,
        mutual: similarity.bestForB[j] === i,
        photos: strongest(top, i, PHOTOS_A_PAIR, chosen).map((x) => place.get(x)!),
      }))
      .sort((p, q) => q.value - p.value);
    const {
      similarity: s,
      pair_iou,
      raw_iou,
      forward,
      backward,
      one_to_one,
      null_mean,
      z,
      p_value,
      ci_low,
      ci_high,
      grid,
      flags,
    } = row;
    return {
      a: cell.a,
      b: cell.b,
      similarity: s,
      pair_iou,
      raw_iou,
      forward,
      backward,
      one_to_one,
      null_mean,
      z,
      p_value,
      ci_low,
      ci_high,
      grid,
      flags,
      corrected: Array.from(iou.corrected.data, finite),
      matches,
    };
  });
  return { run, layers: reportLayers, cells, photos };
}

const finite = (x: number): number | null => (Number.isFinite(x) ? Math.round(x * 1000) / 1000 : null);

/** Names without the parts that all share, from the front and the back, cut at separators. */
export function shortNames(names: readonly string[]): string[] {
  if (names.length < 2) return names.map((n) => n.split("/").at(-1)!);
  const parts = names.map((n) => n.split("/"));
  let front = 0;
  while (parts.every((p) => p.length > front + 1 && p[front] === parts[0]![front])) front++;
  const short = parts.map((p) => p.slice(front).join("/"));
  return short
    .map((s) => (s.length > 44 ? `${s.slice(0, 20)}…${s.slice(-22)}` : s))
    .map((s, i, all) => (all.indexOf(s) === i ? s : names[i]!));
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function toBase64(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const v = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out +=
      ALPHABET[v >> 18]! +
      ALPHABET[(v >> 12) & 63]! +
      (i + 1 < bytes.length ? ALPHABET[(v >> 6) & 63]! : "=") +
      (i + 2 < bytes.length ? ALPHABET[v & 63]! : "=");
  }
  return out;
}
