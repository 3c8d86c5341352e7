import { seededRandom } from "../numerics/random.js";
import type { Prepared } from "../similarity/controls/measure.js";
import type { NoiseCeiling, Rdm } from "../similarity/controls/rsa.js";
import { groupRefusal, meanNoiseCeiling } from "../similarity/controls/rsa.js";
import type { Context } from "./context.js";
import type { Summary } from "./summaries.js";

export interface RsaCeiling extends NoiseCeiling {
  /** Groups of layers at one depth that the means are over. */
  readonly groups: number;
}

const RESAMPLES = 50;
/** Images drawn in each resample; where there are more, their spread is scaled (rsa.ts). */
const MOST_RESAMPLED_IMAGES = 128;

/**
 * Noise ceiling of RSA over the trained networks (Nili et al. 2014): each layer of the network with the fewest layers is grouped with the layer of
 * every other trained network that is nearest in relative depth. Undefined with fewer than two trained networks; groups with a refused layer are left out.
 */
export function rsaCeilingOf({ study, plan }: Context, prepared: readonly Prepared<Rdm>[]): RsaCeiling | undefined {
  const groups = sameDepth(plan.layers, (n) => study.networks[n]!.twin === undefined)
    .map((group) => group.map((l) => prepared[l]!))
    .filter((group) => groupRefusal(group) === undefined);
  if (groups.length === 0) return undefined;
  const images = groups[0]![0]!.n;
  const places = images === study.test.length ? [...study.test.keys()] : plan.cellImages;
  const labels = Array.from(places, (x) => study.test[x]!.group);
  const ceiling = meanNoiseCeiling(groups, seededRandom(study.config.seed, "ceiling"), RESAMPLES, {
    mostImages: MOST_RESAMPLED_IMAGES,
    groupOf: labels.map((l) => labels.indexOf(l)),
  });
  return { ...ceiling, groups: groups.length };
}

/** Places of layers: each of the network with the fewest, and the nearest in depth of every other network that counts. */
export function sameDepth(
  layers: readonly { readonly network: number; readonly tap: { readonly depth: number } }[],
  counts: (network: number) => boolean,
): number[][] {
  const [fewest, ...others] = [...new Set(layers.map((l) => l.network))]
    .filter(counts)
    .map((network) => layers.flatMap((l, at) => (l.network === network ? [at] : [])))
    .sort((a, b) => a.length - b.length);
  const away = (a: number, b: number) => Math.abs(layers[a]!.tap.depth - layers[b]!.tap.depth);
  return (fewest ?? []).map((l) => [
    l,
    ...others.map((places) => places.reduce((near, x) => (away(x, l) < away(near, l) ? x : near))),
  ]);
}

/** The ceiling as rows of summary.csv. */
export function ceilingSummaries(ceiling: RsaCeiling | undefined): Summary[] {
  if (ceiling === undefined) return [];
  return (["lower", "upper"] as const).map((side) => {
    const [low, high] = ceiling[`${side}Interval`] ?? [Number.NaN, Number.NaN];
    const chance = { nullMean: Number.NaN, nullSd: Number.NaN, p: Number.NaN, null: "" };
    const estimate = { value: ceiling[side] ?? Number.NaN, low, high, ...chance };
    return { quantity: `rsa_ceiling_${side}`, pairing: "TT", networks: null, estimate, n: ceiling.groups };
  });
}
