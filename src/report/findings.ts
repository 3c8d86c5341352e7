import type { Finding } from "../contract/trust.js";
import { spearman } from "../numerics/correlation.js";
import { permutation, seededRandom } from "../numerics/random.js";
import type { StudyResult } from "../study.js";

const PERMUTATIONS = 2000;

/** How well the depth of a layer tells the depth of its best partner in another network (METHOD.md: relative depth analysis). */
export interface DepthAgreement {
  readonly a: string;
  readonly b: string;
  /** Layers of a and of b, each with its best partner. */
  readonly n: number;
  /** Mean |d - d(best partner)|, 0..1. */
  readonly distance: number;
  /** The same for partners chosen by permuting the layers of one side: mean, and share at most as far. */
  readonly chance: number;
  readonly p: number;
  /** Spearman correlation of depth and partner's depth. */
  readonly rho: number;
}

/** One row a pair of networks; layers with no similarity above their null still have a partner, which makes the test conservative. */
export function depthAgreements({ study, layers, comparison }: StudyResult): DepthAgreement[] {
  const out: DepthAgreement[] = [];
  for (let a = 0; a < study.networks.length; a++) {
    for (let b = a + 1; b < study.networks.length; b++) {
      const rows = layers.flatMap((l, i) => (l.network === a ? [i] : []));
      const cols = layers.flatMap((l, i) => (l.network === b ? [i] : []));
      const cell = new Map(comparison.cells.map((c) => [`${c.a} ${c.b}`, c.result.significance.similarity]));
      const s = rows.map((r) => cols.map((c) => cell.get(`${r} ${c}`) ?? Number.NaN));
      const da = rows.map((r) => layers[r]!.tap.depth);
      const db = cols.map((c) => layers[c]!.tap.depth);
      const observed = partnersOf(s, da, db);
      const random = seededRandom(study.config.seed, "layers", a, b);
      const drawn = Array.from({ length: PERMUTATIONS }, () => {
        const order = permutation(cols.length, random);
        return partnersOf(
          s.map((row) => Array.from(order, (c) => row[c]!)),
          da,
          db,
        ).distance;
      });
      out.push({
        a: study.networks[a]!.id,
        b: study.networks[b]!.id,
        n: rows.length + cols.length,
        distance: observed.distance,
        rho: spearman(observed.own, observed.partner),
        chance: drawn.reduce((x, y) => x + y, 0) / drawn.length,
        p: (1 + drawn.filter((d) => d <= observed.distance).length) / (1 + drawn.length),
      });
    }
  }
  return out;
}

function partnersOf(s: readonly (readonly number[])[], da: readonly number[], db: readonly number[]) {
  const best = (values: readonly number[]) =>
    values.reduce((top, v, i) => (v > (values[top] ?? Number.NEGATIVE_INFINITY) ? i : top), 0);
  const own: number[] = [];
  const partner: number[] = [];
  s.forEach((row, i) => {
    own.push(da[i]!);
    partner.push(db[best(row)]!);
  });
  db.forEach((d, j) => {
    own.push(d);
    partner.push(da[best(s.map((row) => row[j]!))]!);
  });
  const distance = own.reduce((sum, d, i) => sum + Math.abs(d - partner[i]!), 0) / own.length;
  return { own, partner, distance };
}

/** The outcome with n, each with a sentence: what run.json, the terminal and the report say first. */
export function findings(result: StudyResult): Finding[] {
  return depthAgreements(result).map((d) => {
    const verdict =
      d.p <= 0.05
        ? "best partners lie closer in relative depth than chance puts them"
        : "best partners lie no closer in relative depth than chance puts them";
    const sentence = `${d.a} and ${d.b}: ${verdict}: ${d.distance.toFixed(2)} of the depth apart (permuted layers ${d.chance.toFixed(2)}, p = ${d.p.toFixed(3)}, rank correlation ${Number.isFinite(d.rho) ? d.rho.toFixed(2) : "undefined"}, ${d.n} layers, ${result.study.test.length} test images). Not compared with shuffled networks, which may agree in depth too.`;
    return {
      id: `depth-agreement/${d.a}/${d.b}`,
      kind: "depth-agreement",
      networks: [d.a, d.b],
      holds: null,
      sentence,
      n: { images: result.study.test.length, layers: d.n, concepts: 0 },
      values: {
        mean_distance: {
          value: d.distance,
          ci_low: null,
          ci_high: null,
          null_mean: d.chance,
          null_sd: null,
          p_value: d.p,
          null: "layers permuted",
        },
        spearman: {
          value: Number.isFinite(d.rho) ? d.rho : null,
          ci_low: null,
          ci_high: null,
          null_mean: null,
          null_sd: null,
          p_value: null,
          null: "",
        },
      },
    };
  });
}
