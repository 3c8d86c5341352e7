import { describe, expect, test } from "vitest";
import type { Pairing, SummaryRow, TwinRow } from "../../src/contract/trust.js";
import type { FindingsInput } from "../../src/report/findings.js";
import { findings } from "../../src/report/findings.js";

type Known = Partial<Pick<SummaryRow, "value" | "ci_low" | "ci_high" | "p_value">>;

/** A summary row as a study would write it; "a" and "b" are the trained networks. */
function row(
  quantity: string,
  pairing: Pairing,
  known: Known,
  names: readonly [string, string] = ["a", "b"],
): SummaryRow {
  const [model_a, model_b] = pairing === "TT" ? names : ["", ""];
  const rest = { ci_low: null, ci_high: null, null_mean: 0.05, null_sd: 0.01, p_value: null, null: "images permuted" };
  return { quantity, pairing, model_a, model_b, n_cells: 120, ...rest, value: null, ...known } as SummaryRow;
}

const TWIN = {
  channels: 100,
  dead_channels: 1,
  maximum_ratio: 2,
  explained_variance: 0.6,
  explained_variance_trained: 0.7,
} as TwinRow;

function outcome(summaries: readonly SummaryRow[], twins: readonly TwinRow[] = [TWIN]) {
  const input: FindingsInput = { networks: ["a", "b"], summaries, twins, images: 64, layers: { a: 6, b: 6 } };
  const [shared, depth, health] = findings(input);
  return { shared: shared!, depth: depth!, health };
}

const share = (low: number, p = 0.01) =>
  row("share_with_partner", "TT", { value: 0.9, ci_low: low, ci_high: 0.95, p_value: p });
const shares = (tr: number, rr: number) => [
  row("share_with_partner", "TR", { value: tr }),
  row("share_with_partner", "RR", { value: rr }),
];
const depths = (low: number, p = 0.01) => [
  row("mean_distance", "TT", { value: 0.1, p_value: p }),
  row("mantel", "TT", { value: 0.5, p_value: p }),
  row("partial_mantel", "TT", { value: 0.5, ci_low: low, ci_high: 0.6, p_value: p }),
];
const partials = (tr: number, rr: number) => [
  row("partial_mantel", "TR", { value: tr }),
  row("partial_mantel", "RR", { value: rr }),
];

describe("shared concepts (finding 1)", () => {
  test("hold only where the interval lies above what both kinds of random pairs share", () => {
    expect(outcome([share(0.85), ...shares(0.6, 0.8)]).shared.holds).toBe(true);
    expect(outcome([share(0.85), ...shares(0.6, 0.88)]).shared.holds).toBe(false);
    expect(outcome([share(0.85), ...shares(0.88, 0.6)]).shared.holds).toBe(false);
    expect(outcome([share(0.85), ...shares(0.6, 0.88)]).shared.sentence).toContain("no evidence of learned concepts");
  });

  test("do not hold where permuted images give as many partners", () => {
    expect(outcome([share(0.85, 0.2), ...shares(0.1, 0.1)]).shared.holds).toBe(false);
  });

  test("are open without twins, and say how to get them", () => {
    const { shared, health } = outcome([share(0.85)], []);
    expect(shared.holds).toBeNull();
    expect(shared.sentence).toContain("--twins 1");
    expect(health).toBeUndefined();
    expect(outcome([share(0.85, 0.2)], []).shared.holds).toBe(false);
  });

  test("the sentence says which random pairs the mean of S' does not tell from trained ones", () => {
    const said = (tr: number, rr: number) =>
      outcome([
        share(0.85),
        ...shares(0.6, 0.8),
        row("mean_similarity", "TT", { value: 0.07, ci_low: 0.06, ci_high: 0.08 }),
        row("mean_similarity", "TR", { value: tr }),
        row("mean_similarity", "RR", { value: rr }),
      ]).shared.sentence;
    expect(said(0.04, 0.05)).toContain(
      "0.070 (95 % interval 0.060 to 0.080), 0.040 and 0.050 with one and two shuffled: more than",
    );
    expect(said(0.04, 0.065)).toContain(
      "no more than between two shuffled ones, so the mean alone tells nothing about training",
    );
    expect(said(0.065, 0.04)).toContain("no more than between a trained and a shuffled one, so");
    expect(outcome([share(0.85), ...shares(0.6, 0.8)]).shared.sentence).not.toContain("Mean S'");
  });

  test("do not hold without an interval or without numbers of the twins", () => {
    expect(
      outcome([row("share_with_partner", "TT", { value: 0.9, p_value: 0.01 }), ...shares(0.1, 0.1)]).shared.holds,
    ).toBe(false);
    expect(outcome([share(0.85)]).shared.holds).toBe(false);
  });
});

describe("agreement in depth (finding 2)", () => {
  test("holds only where the interval lies above both kinds of random pairs", () => {
    expect(outcome([...depths(0.4), ...partials(0.1, 0.3)]).depth.holds).toBe(true);
    expect(outcome([...depths(0.4), ...partials(0.1, 0.45)]).depth.holds).toBe(false);
    expect(outcome([...depths(0.4), ...partials(0.45, 0.1)]).depth.holds).toBe(false);
    expect(outcome([...depths(0.4), ...partials(0.1, 0.45)]).depth.sentence).toContain("adds nothing certain");
  });

  test("does not hold where permuted layers agree as well, and is open without twins", () => {
    expect(outcome([...depths(0.4, 0.3), ...partials(0, 0)]).depth.holds).toBe(false);
    expect(outcome([...depths(0.4, 0.3), ...partials(0, 0)]).depth.sentence).toContain(
      "no agreement in depth beyond chance",
    );
    expect(outcome(depths(0.4), []).depth.holds).toBeNull();
  });

  test("says so where the sizes of the maps explain it", () => {
    const rows = depths(0.4).map((r) => (r.quantity === "partial_mantel" ? { ...r, p_value: 0.4 } : r));
    const { depth } = outcome([...rows, ...partials(0, 0)]);
    expect(depth.holds).toBe(false);
    expect(depth.sentence).toContain("not beyond what the sizes of the maps explain");
  });
});

test("broken twins are no fair null, and the finding says it", () => {
  expect(outcome([], [TWIN]).health!.holds).toBe(true);
  const dead = outcome([], [{ ...TWIN, dead_channels: 6 }]).health!;
  expect(dead.holds).toBe(false);
  expect(dead.sentence).toContain("broken and no fair null");
  expect(outcome([], [{ ...TWIN, maximum_ratio: 1e6 }]).health!.holds).toBe(false);
});
