import type { ClusterTest } from "../numerics/clusters.js";
import { significantClusters } from "../numerics/clusters.js";
import type { Engine } from "../numerics/engine.js";
import { clustersOf, completeLinkageTree, cosineDistances } from "../numerics/linkage.js";
import { matmul } from "../numerics/matmul.js";
import type { Matrix, Random } from "../numerics/types.js";

/** How sub-clusters are tested: see numerics/clusters. */
export const CLUSTER_TEST: ClusterTest = { simulations: 100, alpha: 0.05, fewest: 10 };
/** Rows of cosines at once. */
const ROWS = 512;
/** Vectors of a layer that are clustered together for purity; more are thinned evenly. */
const MOST_TOGETHER = 2000;

/** How the vectors of one concept lie in a layer. */
export interface LocationSummary {
  /** Photographs with a vector. */
  readonly images: number;
  /** 1 - length of the vectors' mean: mean cosine distance to its direction; NaN below 2. */
  readonly spread: number;
  /** spread of as many vectors of one direction, apart by the noise of their fits alone; NaN without halves. */
  readonly spreadNoise: number;
  /** Mean cosine of the vectors of a photograph's halves, and of halves of different photographs. */
  readonly within: number;
  readonly between: number;
  /** Sizes of sub-clusters, largest first, and p of the first split. */
  readonly clusters: readonly number[];
  readonly p: number;
  /** Share of the vectors whose nearest other vector, by cosine, is of another concept; NaN below 2 or where no other concept has any. */
  readonly overlap: number;
  /** overlap expected of vectors that do not know their concept. */
  readonly overlapChance: number;
  /** For each concept: share of the vectors that have one of it nearer than any other of their own ([LOCE] overlap ratio); NaN on the own place. */
  readonly nearer: Float64Array;
}

export interface LayerSummary {
  readonly concepts: readonly LocationSummary[];
  /** n: sub-cluster of each vector, 0 the largest of its concept. */
  readonly cluster: Int32Array;
  /** n: cosine with the concept's mean direction. */
  readonly central: Float32Array;
  /** n: the concept of the nearest other vector; -1 where there is none. */
  readonly nearest: Int32Array;
  /** All vectors clustered together, as many clusters as concepts: share that is of the most frequent concept of its cluster ([LOCE] purity), and with concepts permuted. */
  readonly purity: number;
  readonly purityChance: number;
  /** n x 2: the first two principal components of all vectors. */
  readonly plane: Float32Array;
}

export interface LocalUnits {
  /** n x c, rows of length 1. */
  readonly units: Matrix;
  readonly concept: Int32Array;
  readonly halves: Float32Array;
  /** k. */
  readonly between: Float64Array;
}

/** Rows of vectors x deviation, of length 1. */
export function unitRows({ data, rows, cols }: Matrix, deviation: Float32Array): Matrix {
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let c = 0; c < cols; c++) {
      const v = data[r * cols + c]! * deviation[c]!;
      out[r * cols + c] = v;
      sum += v * v;
    }
    const by = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    for (let c = 0; c < cols; c++) out[r * cols + c]! *= by;
  }
  return { data: out, rows, cols };
}

/** The distribution of each concept's vectors in a layer. Memory: the vectors, m^2 cosines of one concept, and at most 2000^2 of all. */
export async function summarizeLayer(local: LocalUnits, random: Random, engine: Engine): Promise<LayerSummary> {
  const { units, concept, between } = local;
  const k = between.length;
  const n = units.rows;
  const near = await nearness(units, concept, k, engine);
  const cluster = new Int32Array(n);
  const central = new Float32Array(n);
  const concepts: LocationSummary[] = [];
  for (let j = 0; j < k; j++) {
    const own = [...concept.keys()].filter((i) => concept[i] === j);
    const m = own.length;
    const mine = rowsAt(units, own);
    const mean = meanRow(mine);
    const length = Math.hypot(...mean);
    own.forEach((i, x) => {
      let dot = 0;
      for (let c = 0; c < units.cols; c++) dot += mine.data[x * units.cols + c]! * mean[c]!;
      central[i] = length > 0 ? dot / length : 0;
    });
    const found = m > 0 ? await significantClusters(await gram(mine, engine), random, CLUSTER_TEST, engine) : undefined;
    own.forEach((i, x) => {
      cluster[i] = found!.of[x]!;
    });
    const halves = own.map((i) => local.halves[i]!).filter((v) => !Number.isNaN(v));
    const within = halves.reduce((s, v) => s + v, 0) / halves.length;
    const others = new Set(concept).size > 1;
    concepts.push({
      images: m,
      spread: m < 2 ? Number.NaN : Math.max(0, 1 - length),
      spreadNoise: m < 2 ? Number.NaN : spreadOfNoise(within, m),
      within,
      between: between[j]!,
      clusters: found?.sizes ?? [],
      p: found?.p ?? Number.NaN,
      overlap: m > 1 && others ? own.filter((i) => concept[near.nearest[i]!] !== j).length / m : Number.NaN,
      overlapChance: m > 1 && others ? (n - m) / (n - 1) : Number.NaN,
      nearer: Float64Array.from({ length: k }, (_, o) => {
        const known = own.filter((i) => near.best[i * k + o]! > Number.NEGATIVE_INFINITY);
        if (o === j || m < 2 || known.length === 0) return Number.NaN;
        return own.filter((i) => near.best[i * k + o]! > near.best[i * k + j]!).length / m;
      }),
    });
  }
  const { purity, purityChance } = await purityOf(units, concept, random, engine);
  const nearest = near.nearest.map((i) => (i < 0 ? -1 : concept[i]!));
  return { concepts, cluster, central, nearest, purity, purityChance, plane: plane(units) };
}

/**
 * spread of m vectors of one direction with the noise that their halves show: twice the cells make the cosine of two such vectors r = 2 h / (1 + h), h the mean cosine of
 * halves (Spearman and Brown), and |mean|^2 = 1 / m + (1 - 1 / m) r.
 */
export function spreadOfNoise(halves: number, m: number): number {
  const r = Math.max(0, (2 * halves) / (1 + halves));
  return 1 - Math.sqrt(1 / m + (1 - 1 / m) * r);
}

const gram = (rows: Matrix, engine: Engine) => matmul(engine, rows, rows, { b: true });

function rowsAt({ data, cols }: Matrix, places: readonly number[]): Matrix {
  const out = new Float32Array(places.length * cols);
  places.forEach((i, x) => {
    out.set(data.subarray(i * cols, (i + 1) * cols), x * cols);
  });
  return { data: out, rows: places.length, cols };
}

function meanRow({ data, rows, cols }: Matrix): Float64Array {
  const mean = new Float64Array(cols);
  for (let at = 0; at < data.length; at++) mean[at % cols]! += data[at]! / rows;
  return mean;
}

/** For each vector: the place of the nearest other one (-1: none), and its highest cosine with another vector of each concept (n x k). */
async function nearness(units: Matrix, concept: Int32Array, k: number, engine: Engine) {
  const { rows: n, cols } = units;
  const best = new Float32Array(n * k).fill(Number.NEGATIVE_INFINITY);
  const nearest = new Int32Array(n).fill(-1);
  for (let from = 0; from < n; from += ROWS) {
    const rows = Math.min(ROWS, n - from);
    const some: Matrix = { data: units.data.subarray(from * cols, (from + rows) * cols), rows, cols };
    const { data } = await matmul(engine, some, units, { b: true });
    for (let x = 0; x < rows; x++) {
      const i = from + x;
      let top = Number.NEGATIVE_INFINITY;
      for (let y = 0; y < n; y++) {
        const v = data[x * n + y]!;
        if (y === i) continue;
        const to = i * k + concept[y]!;
        if (v > best[to]!) best[to] = v;
        if (v <= top) continue;
        top = v;
        nearest[i] = y;
      }
    }
  }
  return { best, nearest };
}

async function purityOf(units: Matrix, concept: Int32Array, random: Random, engine: Engine) {
  const step = Math.max(1, Math.ceil(units.rows / MOST_TOGETHER));
  const places = [...concept.keys()].filter((i) => i % step === 0);
  const own = places.map((i) => concept[i]!);
  const k = new Set(own).size;
  if (k < 2) return { purity: Number.NaN, purityChance: Number.NaN };
  const { data } = await gram(rowsAt(units, places), engine);
  const tree = completeLinkageTree(cosineDistances(data, places.length), places.length);
  const of = clustersOf(tree.slice(0, Math.max(0, places.length - k)), places.length);
  const purity = (labels: readonly number[]) => {
    const counts = new Map<string, number>();
    const most = new Map<number, number>();
    of.forEach((c, i) => {
      const key = `${c} ${labels[i]}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      most.set(c, Math.max(most.get(c) ?? 0, counts.get(key)!));
    });
    return [...most.values()].reduce((s, v) => s + v, 0) / labels.length;
  };
  let chance = 0;
  for (let s = 0; s < PERMUTATIONS; s++) {
    const shuffled = [...own];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    chance += purity(shuffled) / PERMUTATIONS;
  }
  return { purity: purity(own), purityChance: chance };
}

const PERMUTATIONS = 20;
const POWER_STEPS = 60;

/** First two principal components by orthogonal iteration from fixed vectors; signs so that the largest value is positive. */
function plane(units: Matrix): Float32Array {
  const { data, rows: n, cols: c } = units;
  const mean = meanRow(units);
  let axes = [0, 1].map((a) => Float64Array.from({ length: c }, (_, i) => Math.sin((i + 1) * (a + 1) * 1.3) + 0.01));
  const scores = (axis: Float64Array) => {
    let shift = 0;
    for (let i = 0; i < c; i++) shift += mean[i]! * axis[i]!;
    return Float64Array.from({ length: n }, (_, r) => {
      let sum = -shift;
      for (let i = 0; i < c; i++) sum += data[r * c + i]! * axis[i]!;
      return sum;
    });
  };
  const steps = n > 1 ? POWER_STEPS : 0;
  for (let step = 0; step < steps; step++) {
    axes = axes.map((axis) => {
      const s = scores(axis);
      const next = new Float64Array(c);
      for (let r = 0; r < n; r++) for (let i = 0; i < c; i++) next[i]! += s[r]! * (data[r * c + i]! - mean[i]!);
      return next;
    });
    for (const [a, axis] of axes.entries()) {
      for (const before of axes.slice(0, a)) {
        let dot = 0;
        for (let i = 0; i < c; i++) dot += axis[i]! * before[i]!;
        for (let i = 0; i < c; i++) axis[i]! -= dot * before[i]!;
      }
      const length = Math.hypot(...axis) || 1;
      for (let i = 0; i < c; i++) axis[i]! /= length;
    }
  }
  const out = new Float32Array(2 * n);
  axes.forEach((axis, a) => {
    const s = scores(axis);
    const turn = s.reduce((m, v) => (Math.abs(v) > Math.abs(m) ? v : m), 0) < 0 ? -1 : 1;
    s.forEach((v, r) => {
      out[2 * r + a] = turn * v;
    });
  });
  return out;
}
