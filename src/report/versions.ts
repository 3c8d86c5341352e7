import type { Estimate, Finding } from "../contract/trust.js";
import type { Interval } from "../numerics/bootstrap.js";
import { mean, normalQuantile, standardDeviation } from "../numerics/statistics.js";
import type { StudyResult } from "../study.js";

/** A layer that two networks have under the same name: S' between them, less that of the layer with its own refit (mean of the two). */
export interface VersionLayer {
  readonly layer: string;
  readonly similarity: number;
  readonly own: number;
  /** similarity - own; the interval holds both doubts: the same resamples of the test images for both, and refits (sd of the cell). */
  readonly difference: number;
  readonly interval: Interval;
}

/** Two trained networks with the same layers: a network and its quantised, half-precision, pruned or retrained version. */
export interface Version {
  readonly networks: readonly [string, string];
  readonly layers: readonly VersionLayer[];
  readonly difference: number;
  readonly interval: Interval;
}

/** Fewest layers of the same name, and all that were looked at, for two networks to count as versions of one. */
const FEWEST_LAYERS = 2;
/** A loss of this much that the interval does not exclude is too much to say that nothing was lost. */
const TELLING = 0.1;

/** Pairs of trained networks whose taps have the same names and channels. */
export function versionsOf({ study, layers, comparison, trust }: StudyResult): Version[] {
  const trained = study.networks.flatMap((n, at) => (n.twin ? [] : [at]));
  const place = (network: number, name: string) =>
    layers.findIndex((l) => l.network === network && l.tap.name === name);
  return trained.flatMap((one, i) =>
    trained.slice(i + 1).flatMap((two): Version[] => {
      const [a, b] = [study.networks[one]!, study.networks[two]!];
      const alike = a.taps.every((t) => b.taps.some((u) => u.name === t.name && u.channels === t.channels));
      if (!alike || a.taps.length !== b.taps.length || a.taps.length < FEWEST_LAYERS) return [];
      const found = a.taps.flatMap(
        ({ name }) => versionLayer(comparison, trust, name, place(one, name), place(two, name)) ?? [],
      );
      if (found.length === 0) return [];
      const samples = meanOf(found.map((l) => l.samples));
      const difference = mean(found.map((l) => l.difference));
      const refitSd = Math.hypot(...found.map((l) => l.refitSd)) / found.length;
      return [{ networks: [a.id, b.id], layers: found, difference, interval: around(difference, samples, refitSd) }];
    }),
  );
}

function versionLayer(
  { cells, self, selfSamples }: StudyResult["comparison"],
  trust: Pick<StudyResult["trust"], "cells">,
  layer: string,
  a: number,
  b: number,
): (VersionLayer & { samples: Float64Array; refitSd: number }) | undefined {
  const at = cells.findIndex((c) => c.a === a && c.b === b);
  const cell = cells[at];
  if (!cell) return undefined;
  const refitSd = trust.cells[at]!.refitSd || 0; // NaN without refits
  const similarity = cell.result.significance.similarity;
  const own = (self[a]! + self[b]!) / 2;
  const [cross, one, two] = [cell.result.interval?.values, selfSamples[a], selfSamples[b]];
  const samples = cross && one && two ? cross.map((s, r) => s - (one[r]! + two[r]!) / 2) : new Float64Array();
  const difference = similarity - own;
  if (!Number.isFinite(difference)) return undefined;
  return { layer, similarity, own, difference, interval: around(difference, samples, refitSd), samples, refitSd };
}

/** estimate +- 1.96 sd, sd^2 = variance over the resamples + variance of refits. */
function around(estimate: number, samples: Float64Array, refitSd: number): Interval {
  const half = normalQuantile(0.975) * Math.hypot(standardDeviation(samples), refitSd);
  return { low: estimate - half, high: estimate + half };
}

function meanOf(samples: readonly Float64Array[]): Float64Array {
  return samples[0]!.map((_, r) => mean(samples.map((s) => s[r]!)));
}

const two = (x: number) => x.toFixed(2);
const signed = (x: number) => `${x < 0 ? "-" : "+"}${two(Math.abs(x))}`;
const range = ({ low, high }: Interval) =>
  Number.isFinite(low) ? `95 % interval ${signed(low)} to ${signed(high)}` : "no interval";

/** Whether a version of a network sees what the other does, as far as mining concepts twice from one network gives the same. */
export function versionFinding({ networks, layers, difference, interval }: Version, images: number): Finding {
  const [a, b] = networks;
  const dips = layers.filter((l) => l.interval.high < 0);
  const sure = Number.isFinite(interval.low) && interval.low > -TELLING;
  const least = layers.reduce((worst, l) => (l.difference < worst.difference ? l : worst));
  const said = (l: VersionLayer) =>
    `'${l.layer}' ${two(l.similarity)} for ${two(l.own)} (${signed(l.difference)}, ${range(l.interval)})`;
  const claim =
    dips.length > 0
      ? `${dips.length} of ${layers.length} layers dip below their own refit, so they see something else: ${dips.map(said).join(", ")}`
      : sure
        ? `no layer dips below its own refit: what changed is less than what mining the same network again from other photographs changes; lowest against its refit: ${said(least)}`
        : `no layer is shown to dip below its own refit, but the photographs are too few to rule out a loss of ${TELLING}; lowest against its refit: ${said(least)}`;
  return {
    id: `version/${a}/${b}`,
    kind: "version",
    networks: [a, b],
    holds: dips.length > 0 ? false : sure ? true : null,
    sentence: `${b} has the ${layers.length} layers of ${a} under the same names. Similarity between the two, less that of a layer with its own refit, ${signed(difference)} on average (${range(interval)}); ${claim}; ${images} test images.`,
    n: { images, layers: layers.length, concepts: 0 },
    values: {
      below_refit: estimate(difference, interval),
      ...Object.fromEntries(layers.map((l) => [`below_refit:${l.layer}`, estimate(l.difference, l.interval)])),
    },
  };
}

function estimate(value: number, { low, high }: Interval): Estimate {
  const known = (x: number) => (Number.isFinite(x) ? x : null);
  return {
    value,
    ci_low: known(low),
    ci_high: known(high),
    null_mean: 0,
    null_sd: null,
    p_value: null,
    null: "own refit",
  };
}
