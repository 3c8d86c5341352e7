/** Versions of a network: planted similarities, own refits and resamples. */
import { describe, expect, test } from "vitest";
import { findings } from "../../src/report/findings.js";
import { versionFinding, versionsOf } from "../../src/report/versions.js";
import type { StudyResult } from "../../src/study.js";

const SPREAD = [-1, 0, 1, 0, -1, 1];
const around = (at: number, by: number) => Float64Array.from(SPREAD, (s) => at + by * s);
const sd = Math.sqrt(SPREAD.reduce((sum, s) => sum + s * s, 0) / (SPREAD.length - 1));

/** Two networks of layers x and y; what varies in the resamples is the cross similarity alone. */
function study(cross: readonly [number, number], own: number, by: number, change: (r: Planted) => void = () => {}) {
  const taps = ["x", "y"].map((name) => ({ name, channels: 8 }));
  const planted: Planted = {
    networks: [
      { id: "old", taps },
      { id: "new", taps: structuredClone(taps) },
    ],
    self: [own, own, own, own],
    resampled: true,
    refitSd: 0,
  };
  change(planted);
  const { networks, self } = planted;
  return {
    study: { networks, test: Array(40) },
    layers: networks.flatMap((n, network) => n.taps.map((tap, index) => ({ network, tap, index }))),
    trust: { cells: [0, 1].map(() => ({ refitSd: planted.refitSd })) },
    comparison: {
      self,
      selfSamples: self.map((s) => (planted.resampled ? around(s, 0) : undefined)),
      cells: [0, 1].map((a) => ({
        a,
        b: a + 2,
        result: {
          significance: { similarity: cross[a]! },
          interval: planted.resampled ? { values: around(cross[a]!, by) } : undefined,
        },
      })),
    },
  } as unknown as StudyResult;
}
interface Planted {
  networks: { id: string; twin?: object; taps: { name: string; channels: number }[] }[];
  self: number[];
  resampled: boolean;
  refitSd: number;
}
const said = (result: StudyResult) => versionFinding(versionsOf(result)[0]!, 40);

describe("which networks are versions of one", () => {
  test("those with the same layers, twins aside", () => {
    expect(versionsOf(study([0.9, 0.9], 0.9, 0)).map((v) => v.networks)).toEqual([["old", "new"]]);
    const none = (change: (r: Planted) => void) => expect(versionsOf(study([0.9, 0.9], 0.9, 0, change))).toEqual([]);
    none((r) => (r.networks[1]!.taps[1]!.name = "z"));
    none((r) => (r.networks[1]!.taps[1]!.channels = 16));
    none((r) => (r.networks[1]!.twin = {}));
    none((r) => r.networks[1]!.taps.push({ name: "more", channels: 8 }));
  });
});

describe("a layer against its own refit", () => {
  test("the difference is S' less the mean of both refits, its interval estimate +- 1.96 sd of paired resamples", () => {
    const [version] = versionsOf(study([0.8, 0.6], 0.7, 0.05, (r) => (r.self = [0.7, 0.7, 0.9, 0.7])));
    const [x, y] = version!.layers;
    expect(x).toMatchObject({ layer: "x", similarity: 0.8 });
    expect(x!.own).toBeCloseTo(0.8, 12);
    expect(x!.difference).toBeCloseTo(0, 12);
    expect(y!.difference).toBeCloseTo(-0.1, 12);
    expect(y!.interval.low).toBeCloseTo(-0.1 - 1.959964 * 0.05 * sd, 6);
    // both layers move alike in these resamples, so the mean varies as much as one
    expect(version!.difference).toBeCloseTo(-0.05, 12);
    expect(version!.interval.high).toBeCloseTo(-0.05 + 1.959964 * 0.05 * sd, 6);
  });
  test("refits widen it: their variance adds to a layer's, and a mean of two layers has half of it", () => {
    const [version] = versionsOf(study([0.8, 0.6], 0.7, 0.05, (r) => (r.refitSd = 0.1)));
    const half = (s: number) => 1.959964 * Math.hypot(0.05 * sd, s);
    expect(version!.layers[1]!.interval.high).toBeCloseTo(-0.1 + half(0.1), 6);
    expect(version!.interval.high).toBeCloseTo(half(0.1 / Math.SQRT2), 6);
    // a dip that mining explains is none
    expect(said(study([0.9, 0.8], 0.9, 0.01, (r) => (r.refitSd = 0.1))).holds).not.toBe(false);
    expect(said(study([0.9, 0.8], 0.9, 0.01)).holds).toBe(false);
    const [without] = versionsOf(study([0.8, 0.6], 0.7, 0.05, (r) => (r.refitSd = Number.NaN)));
    expect(without!.layers[1]!.interval.high).toBeCloseTo(-0.1 + half(0), 6);
  });
  test("no dip, narrow interval: the same is seen", () => {
    const finding = said(study([0.92, 0.88], 0.9, 0.02));
    expect(finding.holds).toBe(true);
    expect(finding.sentence).toMatch(/^new has the 2 layers of old under the same names\..* \+0\.00 on average/);
    expect(finding.sentence).toMatch(
      /no layer dips below its own refit: .*'y' 0\.88 for 0\.90 \(-0\.02, 95 % interval/,
    );
    expect(finding.values["below_refit:y"]!.value).toBeCloseTo(-0.02, 12);
  });
  test("one layer dips: something else is seen there", () => {
    const finding = said(study([0.9, 0.5], 0.9, 0.05));
    expect(finding.holds).toBe(false);
    expect(finding.sentence).toMatch(/1 of 2 layers dip below their own refit.*: 'y' 0\.50 for 0\.90 \(-0\.40/);
    expect(finding.sentence).not.toContain("'x'");
  });
  test("wide intervals, or none: nothing is claimed", () => {
    const finding = said(study([0.85, 0.9], 0.9, 0.2));
    expect(finding.holds).toBeNull();
    expect(finding.sentence).toContain("too few to rule out a loss of 0.1");
    const without = said(study([0.85, 0.9], 0.9, 0, (r) => (r.resampled = false)));
    expect(without.holds).toBeNull();
    expect(without.values.below_refit).toMatchObject({ ci_low: null, ci_high: null });
  });
  test("it is the first finding of a run", () => {
    const versions = versionsOf(study([0.9, 0.9], 0.9, 0.01));
    const input = { networks: ["old", "new"], summaries: [], twins: [], images: 40, layers: { old: 2, new: 2 } };
    expect(findings({ ...input, versions })[0]!.kind).toBe("version");
    expect(findings(input).map((f) => f.kind)).not.toContain("version");
  });
});
