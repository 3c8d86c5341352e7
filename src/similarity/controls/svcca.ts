import { canonicalCorrelations } from "../../numerics/cca.js";
import { centredColumns } from "../../numerics/dense64.js";
import { leadingLeftVectors } from "../../numerics/orthonormal.js";
import type { Matrix64 } from "../../numerics/types.js";
import { unusable } from "./check.js";
import type { Measure } from "./measure.js";
import { pairRefusal, refusal, scored } from "./measure.js";

export interface SvccaOptions {
  /** Share of the sum of singular values that each side keeps, 0..1. */
  readonly share?: number;
}

/** SVCCA (METHOD.md 3.2; Raghu et al. 2017): the mean canonical correlation of the two sides' leading left singular vectors. */
export const svcca: Measure<Matrix64, SvccaOptions> = {
  id: "svcca",
  title: "SVCCA",
  range: [0, 1],
  symmetric: true,
  purpose: "the leading subspaces of the two items are the same up to any invertible linear map",
  invariantTo: ["permutation", "isotropic scaling", "translation", "rotation"],
  defaults: { share: 0.99 },
  async prepare(x, { engine }, options) {
    const refused = unusable(x) ?? tooFewSamples(x.rows, x.cols);
    if (refused !== undefined) return { n: x.rows, refused };
    const share = options?.share ?? svcca.defaults.share;
    return { n: x.rows, item: await leadingLeftVectors(engine, centredColumns(x), share) };
  },
  async compare(a, b, { engine }) {
    const refused = pairRefusal(a, b);
    if (refused !== undefined) return refusal(refused);
    const rho = await canonicalCorrelations(engine, a.item!, b.item!);
    return scored(rho.reduce((sum, v) => sum + v, 0) / rho.length, saturation(a.n, a.item!.rows, b.item!.rows));
  },
};

/** CCA of n samples with n features or more gives 1 whatever they are. */
export function tooFewSamples(n: number, d: number): string | undefined {
  return n > d ? undefined : `${n} samples for ${d} features: CCA needs more samples than features`;
}

/** Two subspaces of a space of n - 1 dimensions share what is over. */
export function saturation(n: number, r: number, s: number): { note?: string } {
  const shared = r + s - (n - 1);
  return shared > 0
    ? {
        note: `${shared} of ${Math.min(r, s)} correlations are 1 whatever the features: ${n} samples for ${r} + ${s} directions`,
      }
    : {};
}
