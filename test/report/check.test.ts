/** Verdicts from planted rows: the interval decides. */

import { describe, expect, test } from "vitest";
import type { ConceptRow, LayerRow, PairRow } from "../../src/contract/results.js";
import { checkRun } from "../../src/report/check.js";
import { checkJunit, checkMarkdown } from "../../src/report/render/check.js";
import { parseXml } from "./xml.js";

const row = (
  layer_a: string,
  layer_b: string,
  similarity: number,
  ci_low: number | null,
  ci_high: number | null,
  rest = {},
): LayerRow =>
  ({
    method: "nmf",
    model_a: "net@baseline",
    model_b: "net",
    layer_a,
    layer_b,
    depth_a: 0.5,
    depth_b: 0.5,
    similarity,
    ci_low,
    ci_high,
    self_a: 0.95,
    self_b: 0.9,
    k_a: 2,
    k_b: 2,
    n_images: 40,
    pairing: "TT",
    ...rest,
  }) as LayerRow;
const concept = (model: string, layer: string, n: number, label: string | null = null) =>
  ({ model, layer, concept: n, label }) as ConceptRow;
const pair = (a: number, b: number, corrected: number | null, best: [number, number] | null = null) =>
  ({
    model_a: "net@baseline",
    layer_a: "x",
    concept_a: a,
    model_b: "net",
    layer_b: "x",
    concept_b: b,
    corrected,
    best_for_a: best !== null,
    best_low_a: best?.[0] ?? null,
    best_high_a: best?.[1] ?? null,
  }) as PairRow;
const pairs = [{ before: "net@baseline", after: "net" }];
const judge = (layers: LayerRow[], options: object = {}, concepts: ConceptRow[] = [], found: PairRow[] = []) =>
  checkRun({ method: "nmf", layers, concepts, pairs: found }, pairs, { minSimilarity: 0.8, ...options });

describe("checkRun", () => {
  test.each([
    ["passed", 0.9, 0.8, 0.95],
    ["failed", 0.9, 0.7, 0.79],
    ["undecided", 0.9, 0.79, 0.95],
    ["undecided", 0.7, 0.6, 0.8],
  ])("%s: estimate %d, interval %d to %d, limit 0.8", (verdict, s, low, high) => {
    expect(judge([row("x", "x", s, low, high)]).layers[0]!.verdict).toBe(verdict);
  });
  test("an open question fails, or passes where leniency is asked for", () => {
    const open = [row("x", "x", 0.85, 0.79, 0.9)];
    expect([judge(open).ok, judge(open, { lenient: true }).ok]).toEqual([false, true]);
    expect(judge([row("x", "x", 0.5, 0.4, 0.6)], { lenient: true }).ok).toBe(false);
  });
  test("without intervals the estimate decides; without a similarity nothing is shown", () => {
    expect(judge([row("x", "x", 0.81, null, null)]).layers[0]!.verdict).toBe("passed");
    expect(judge([row("x", "x", null as never, null, null)]).layers[0]!.verdict).toBe("undecided");
    expect(judge([]).ok).toBe(false);
  });
  test("a layer is held against the one of its name, else against the most similar", () => {
    const named = judge([row("x", "y", 0.99, 0.98, 1), row("x", "x", 0.5, 0.4, 0.6)]);
    expect(named.layers[0]).toMatchObject({ counterpart: "x", verdict: "failed" });
    expect(judge([row("x", "y", 0.9, 0.85, 1), row("x", "z", 0.5, 0.4, 0.6)]).layers[0]).toMatchObject({
      counterpart: "y",
    });
  });
  test("rows are read from either side; other methods and networks are left aside", () => {
    const turned = row("new", "old", 0.9, 0.85, 1, { model_a: "net", model_b: "net@baseline" });
    const result = judge([
      turned,
      row("q", "q", 0.1, 0, 0.2, { method: "cka" }),
      row("q", "q", 0.1, 0, 0.2, { model_b: "other" }),
    ]);
    expect(result.layers).toHaveLength(1);
    expect(result.layers[0]).toMatchObject({ layer: "old", counterpart: "new", ceiling: 0.9 });
  });
  test("concepts without a good partner are lost, unless one of the same name is there", () => {
    const concepts = [
      concept("net@baseline", "x", 0, "wheel"),
      concept("net@baseline", "x", 1, "sky"),
      concept("net@baseline", "x", 2),
      concept("net", "x", 0, "sky"),
    ];
    const result = judge([row("x", "x", 0.9, 0.85, 1)], { minConcept: 0.5 }, concepts, [
      pair(0, 0, 0.2),
      pair(0, 1, 0.4),
      pair(1, 0, 0.1),
      pair(2, 1, 0.6),
    ]);
    expect(result.ok).toBe(false);
    expect(result.layers[0]!.lost).toEqual([
      { concept: 0, label: "wheel", best: 0.4, ciLow: null, ciHigh: null, verdict: "failed" },
    ]);
    expect(checkMarkdown(result)).toContain("wheel (best partner 0.400, no interval)");
  });
});

describe("a concept is kept where its interval says so", () => {
  const old = [0, 1, 2, 3].map((c) => concept("net@baseline", "x", c));
  const found = [
    pair(0, 0, 0.9, [0.8, 0.95]), // above
    pair(1, 0, 0.4, [0.3, 0.49]), // below
    pair(2, 1, 0.6, [0.45, 0.75]), // the estimate above, the interval holds the limit
    pair(3, 1, 0.45, [0.35, 0.55]), // the estimate below, the interval holds it
    pair(3, 2, 0.1),
  ];
  const check = (lenient: boolean, concepts = old) =>
    judge([row("x", "x", 0.9, 0.85, 1)], { minConcept: 0.5, lenient }, concepts, found);
  test("below the limit it is lost, around it nothing is shown", () => {
    const { lost } = check(false).layers[0]!;
    expect(lost.map((c) => [c.concept, c.verdict])).toEqual([
      [1, "failed"],
      [2, "undecided"],
      [3, "undecided"],
    ]);
  });
  test("leniency passes what is open, not what is lost", () => {
    const open = [old[0]!, old[2]!, old[3]!];
    expect([check(false, open).ok, check(true, open).ok, check(true).ok]).toEqual([false, true, false]);
    expect(parseXml(checkJunit(check(true, open))).attributes.failures).toBe("0");
    expect(parseXml(checkJunit(check(true))).attributes.failures).toBe("1");
  });
  test("Markdown and JUnit say intervals and which is which", () => {
    const said = [
      "concept 1 (best partner 0.400, 95 % interval 0.300 to 0.490)",
      "concept 2 (best partner 0.600, 95 % interval 0.450 to 0.750; not shown to be kept)",
    ];
    for (const text of [checkMarkdown(check(false)), checkJunit(check(false))])
      for (const s of said) expect(text).toContain(s);
  });
});

describe("the summaries", () => {
  const result = judge([row("a|b <c>", "a|b <c>", 0.5, 0.4, 0.6), row("fine", "fine", 0.9, 0.85, 1)]);
  test("JUnit is well-formed XML with a case a layer and the failures counted", () => {
    const xml = parseXml(checkJunit(result));
    expect(xml.name).toBe("testsuites");
    expect(xml.attributes).toMatchObject({ tests: "2", failures: "1" });
    const cases = xml.children[0]!.children;
    expect(cases.map((c) => [c.attributes.name, c.children[0]!.name])).toEqual([
      ["a|b <c>", "failure"],
      ["fine", "system-out"],
    ]);
    expect(cases[0]!.children[0]!.attributes.message).toBe(
      "drifted: similarity 0.500 (95 % interval 0.400 to 0.600), asked for 0.8",
    );
  });
  test("Markdown has a row a layer", () => {
    const table = checkMarkdown(result)
      .split("\n")
      .filter((l) => l.startsWith("| "));
    expect(table).toHaveLength(3);
    expect(table[1]).toContain("a\\|b <c>");
  });
});
