import type { ConceptLayerRow, ConceptPairRow, ProbeRow } from "../../contract/supervised.js";
import type { BitMasks } from "../../numerics/bits.js";
import { BitCounter } from "../../numerics/bits.js";
import { percentileInterval } from "../../numerics/bootstrap.js";
import { mean } from "../../numerics/statistics.js";
import type { Matrix } from "../../numerics/types.js";
import type { Agreement, AgreementCounts } from "../../similarity/agreement.js";
import { addAgreement, agreement, emptyAgreement, pairIndex } from "../../similarity/agreement.js";
import { semanticVariance } from "../../similarity/emergence.js";
import type { Desk } from "./desk.js";
import type { LayerProbes } from "./fit.js";
import type { Measured } from "./presences.js";
import { value } from "./presences.js";
import type { TestRequest } from "./test.js";
import { predictions, testShards, truth } from "./test.js";

/** Counts of this many bytes are held at once; concepts are taken in groups that fit. */
const HOLD_BYTES = 256 * 2 ** 20;

/** Every concept, layer x layer, within and between the trained networks: concept_pairs.csv and concept_layers.csv. */
export async function agreements(
  desk: Desk,
  learned: readonly (readonly LayerProbes[])[],
  request: TestRequest,
  rows: readonly ProbeRow[],
  measured: readonly Measured[],
  weights: Matrix,
): Promise<{ pairs: ConceptPairRow[]; layers: ConceptLayerRow[] }> {
  const { set, images, grid } = request;
  const k = set.concepts.length;
  const l = learned.reduce((s, net) => s + net.length, 0);
  const pairCount = (l * (l + 1)) / 2;
  const bytes = images.length * (3 * pairCount + 2 * l) * 8 + l * grid * grid * 4;
  const together = Math.max(1, Math.floor(HOLD_BYTES / bytes));
  const found: Agreement[][] = [];
  for (let from = 0; from < k; from += together) {
    const group = Array.from({ length: Math.min(together, k - from) }, (_, i) => from + i);
    for (const counts of await counted(desk, learned, request, group, l)) {
      found.push(await agreement(counts, weights, desk.env.engine));
      desk.env.progress({ stage: "agreement", what: "concepts", done: found.length, total: k });
    }
  }
  const layers = learned.flatMap((net, n) => net.map((_, t) => ({ n, t })));
  // rows come network by network, tap by tap, concept by concept: layer i, concept j is row i k + j
  const row = (i: number, j: number) => rows[i * k + j]!;
  const quality = (i: number) => {
    const { n, t } = layers[i]!;
    return measured[n]!.calibrated.iou.slice(t * k, (t + 1) * k);
  };
  const pairs: ConceptPairRow[] = [];
  const cells: ConceptLayerRow[] = [];
  for (let a = 0; a < l; a++) {
    for (let b = a; b < l; b++) {
      const at = pairIndex(l, a, b);
      const [ra, rb] = [row(a, 0), row(b, 0)];
      const ends = {
        model_a: ra.model,
        layer_a: ra.layer,
        model_b: rb.model,
        layer_b: rb.layer,
        depth_a: ra.depth,
        depth_b: rb.depth,
      };
      set.concepts.forEach((concept, j) => {
        const g = found[j]![at]!;
        pairs.push({
          concept: concept.name,
          ...ends,
          n_images: images.length,
          iou: value(g.iou),
          ci_low: value(g.interval.low),
          ci_high: value(g.interval.high),
          null_iou: value(g.nullIou),
          error_iou: value(g.errorIou),
          error_expected: value(g.errorExpected),
          kappa: value(g.kappa),
          kappa_low: value(g.kappaInterval.low),
          kappa_high: value(g.kappaInterval.high),
          present_a: row(a, j).present,
          present_b: row(b, j).present,
        });
      });
      const has = (i: number, j: number) => row(i, j).present;
      const all = [...set.concepts.keys()];
      const shared = all.filter((j) => has(a, j) && has(b, j));
      const only = (x: number, y: number) =>
        all.flatMap((j) => (has(x, j) && !has(y, j) ? [set.concepts[j]!.name] : [])).join(";");
      const agreed = shared.map((j) => found[j]![at]!);
      const [qa, qb] = [quality(a), quality(b)];
      cells.push({
        ...ends,
        shared: shared.length,
        only_a: only(a, b),
        only_b: only(b, a),
        ...similarityOf(
          agreed,
          shared.map((j) => qa[j]! * qb[j]!),
        ),
        semantic_variance: value(semanticVariance(qa, qb)),
      });
    }
  }
  return { pairs, layers: cells };
}

/** Means over the shared concepts; the null held fixed while images are resampled. */
function similarityOf(agreed: readonly Agreement[], weights: readonly number[]) {
  const s = mean(agreed.map((g) => g.iou));
  const n = mean(agreed.map((g) => g.nullIou));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const corrected = (v: number) => (v - n) / (1 - n);
  const again = Array.from(agreed[0]?.resampled ?? [], (_, r) => corrected(mean(agreed.map((g) => g.resampled[r]!))));
  const { low, high } = percentileInterval(again);
  return {
    similarity: value(corrected(s)),
    ci_low: value(low),
    ci_high: value(high),
    mean_iou: value(s),
    weighted_iou: value(agreed.reduce((sum, g, i) => sum + weights[i]! * g.iou, 0) / total),
    null_mean: value(n),
    kappa: value(mean(agreed.map((g) => g.kappa).filter((x) => !Number.isNaN(x)))),
  };
}

/** Counts of some concepts over all test images and layers; the shards of each network are read once. */
async function counted(
  desk: Desk,
  learned: readonly (readonly LayerProbes[])[],
  request: TestRequest,
  group: readonly number[],
  l: number,
): Promise<AgreementCounts[]> {
  const { grid } = request;
  const counter = new BitCounter();
  const out = group.map(() => emptyAgreement(l, grid * grid));
  for (const shard of testShards(request)) {
    const files = [];
    for (const [n, layers] of learned.entries()) files.push(await predictions(desk, n, layers, request, shard));
    const planes = files.flatMap((file, n) => learned[n]!.map((_, t) => file.tensors[`bits/${t}`]!.data as Uint8Array));
    const { label, known } = await truth(desk, request, shard);
    group.forEach((j, i) => {
      const masks: BitMasks = { ...label, k: l, data: new Uint8Array(label.n * l * label.stride) };
      planes.forEach((data, layer) => {
        for (let x = 0; x < label.n; x++) {
          const from = (x * label.k + j) * label.stride;
          masks.data.set(data.subarray(from, from + label.stride), (x * l + layer) * label.stride);
        }
      });
      addAgreement(out[i]!, masks, concept(label, j), concept(known, j), counter);
    });
  }
  return out;
}

/** Masks of one concept: n x 1. */
function concept(masks: BitMasks, j: number): BitMasks {
  const { n, k, stride } = masks;
  const data = new Uint8Array(n * stride);
  for (let x = 0; x < n; x++) data.set(masks.data.subarray((x * k + j) * stride, (x * k + j + 1) * stride), x * stride);
  return { ...masks, k: 1, data };
}
