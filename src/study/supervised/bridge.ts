import { cosine } from "../../concepts/vectors.js";
import type { BridgeRow } from "../../contract/supervised.js";
import { maskSums, onFrame } from "../../dataset/labels/grids.js";
import { unpack } from "../../numerics/bits.js";
import { iou } from "../../numerics/iou.js";
import type { Matrix } from "../../numerics/types.js";
import type { StudyResult } from "../../study.js";
import type { SupervisedResult } from "../supervise.js";
import { value } from "./presences.js";

/**
 * A mined concept has the name of a labelled one from this set IoU on (NetDissect), and from this much of it beyond chance: NetDissect's masks cover half a
 * percent of the cells, ours ten, and meet a label that covers a seventh of the photographs with an IoU of 0.06 by chance.
 */
export const NAMED_FROM = 0.04;

/** Set IoU beyond that of independent masks of these areas among `known` cells: (J - J0) / (1 - J0), J0 = p q / (p + q - p q). */
export function beyondChance(
  both: number,
  a: number,
  b: number,
  known: number,
): { readonly corrected: number; readonly chance: number } {
  const [p, q] = [a / known, b / known];
  const chance = (p * q) / (p + q - p * q);
  return { chance, corrected: (iou(both, a, b) - chance) / (1 - chance) };
}

/**
 * Mined concepts beside named ones (METHOD.md 1.2): set IoU of the mined masks with the labels on the layer's own grid, where a label covers the share
 * of a cell that it does; the name is that of the highest IoU beyond chance; and the cosine of the mined vector with the probes of the same layer.
 */
export async function bridge(mined: StudyResult, named: SupervisedResult): Promise<BridgeRow[]> {
  const { set } = named;
  const k = set.concepts.length;
  const place = new Map(mined.study.test.map((i, x) => [i.hash, x]));
  const images = named.images.map((i) => place.get(i.hash)!);
  const trained = mined.study.networks.filter((n) => !n.twin);
  const rows: BridgeRow[] = [];
  for (const [l, layer] of mined.layers.entries()) {
    const network = mined.study.networks[layer.network]!;
    const own = trained.indexOf(network);
    if (own < 0) continue;
    const vectors = vectorsOf(mined, l);
    const counts = {
      both: new Float64Array(vectors.rows * k),
      mined: new Float64Array(vectors.rows * k),
      label: new Float64Array(k),
      known: new Float64Array(k),
    };
    for (const [x, image] of named.images.entries()) {
      const masks = await set.open(image);
      const bits = await mined.masks(l, [images[x]!]);
      const cells = Array.from({ length: vectors.rows }, (_, i) => unpack(bits, 0, i));
      const present = new Set(named.labelled[x]!.entries.map((e) => e.concept));
      for (let j = 0; j < k; j++) {
        const mask = present.has(j) ? masks.mask(j) : new Uint8Array(masks.width * masks.height);
        const { share, weight } = onFrame(
          maskSums(mask, masks.width, masks.height, masks.valid(j)),
          named.frames[x]!,
          layer.grid,
        );
        add(counts, cells, share, weight, j, k);
      }
    }
    const probes = named.vectors[own]![layer.index]!.vectors;
    for (let i = 0; i < vectors.rows; i++) {
      const values = set.concepts.map((_, j) =>
        iou(counts.both[i * k + j]!, counts.mined[i * k + j]!, counts.label[j]!),
      );
      const beyond = set.concepts.map((_, j) =>
        beyondChance(counts.both[i * k + j]!, counts.mined[i * k + j]!, counts.label[j]!, counts.known[j]!),
      );
      const cosines = set.concepts.map((_, j) => cosine(vectors, i, probes, j));
      const best = argmax(beyond.map((b) => b.corrected));
      const near = argmax(cosines);
      rows.push({
        model: network.id,
        layer: layer.tap.name,
        depth: layer.tap.depth,
        concept: i,
        label:
          best >= 0 && values[best]! > NAMED_FROM && beyond[best]!.corrected > NAMED_FROM
            ? set.concepts[best]!.name
            : null,
        best: best < 0 ? null : set.concepts[best]!.name,
        label_iou: value(values[best]),
        label_chance: value(beyond[best]?.chance),
        cosine: value(cosines[best]),
        nearest: near < 0 ? null : set.concepts[near]!.name,
        nearest_cosine: value(cosines[near]),
      });
    }
  }
  return rows;
}

/** Mined vectors on the layer's own channels: of split ones the positive part minus the negative. */
function vectorsOf(mined: StudyResult, l: number): Matrix {
  const { fit, mode } = mined.mined[l]!;
  const { data, rows, cols } = fit.vectors;
  if (mode !== "split") return fit.vectors;
  const c = cols / 2;
  const out = new Float32Array(rows * c);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < c; j++) out[i * c + j] = data[i * cols + j]! - data[i * cols + c + j]!;
  return { data: out, rows, cols: c };
}

function add(
  counts: { both: Float64Array; mined: Float64Array; label: Float64Array; known: Float64Array },
  cells: readonly Uint8Array[],
  share: Float32Array,
  weight: Float32Array,
  j: number,
  k: number,
): void {
  for (let p = 0; p < share.length; p++) {
    counts.label[j]! += share[p]! * weight[p]!;
    counts.known[j]! += weight[p]!;
  }
  cells.forEach((mask, i) => {
    let both = 0;
    let area = 0;
    for (let p = 0; p < mask.length; p++) {
      if (!mask[p]) continue;
      area += weight[p]!;
      both += share[p]! * weight[p]!;
    }
    counts.both[i * k + j]! += both;
    counts.mined[i * k + j]! += area;
  });
}

function argmax(values: readonly number[]): number {
  let best = -1;
  values.forEach((v, i) => {
    if (!Number.isNaN(v) && (best < 0 || v > values[best]!)) best = i;
  });
  return best;
}
