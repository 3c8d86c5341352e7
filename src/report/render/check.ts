import type { CheckResult, LayerCheck } from "../check.js";

const number = (x: number | null) => (x === null ? "-" : x.toFixed(3));

function interval(l: Pick<LayerCheck, "ciLow" | "ciHigh">): string {
  return l.ciLow === null || l.ciHigh === null ? "no interval" : `${number(l.ciLow)} to ${number(l.ciHigh)}`;
}

function said(l: LayerCheck, least: number): string {
  const what = `similarity ${number(l.similarity)} (95 % interval ${interval(l)}), asked for ${least}`;
  if (l.verdict === "passed") return what;
  if (l.verdict === "failed") return `drifted: ${what}`;
  return `not shown to be kept: ${what}; more photographs narrow the interval`;
}

function nameOf(c: LayerCheck["lost"][number]): string {
  const doubt = c.ciLow === null || c.ciHigh === null ? "no interval" : `95 % interval ${interval(c)}`;
  const verdict = c.verdict === "undecided" ? "; not shown to be kept" : "";
  return `${c.label ?? `concept ${c.concept}`} (best partner ${number(c.best)}, ${doubt}${verdict})`;
}

/** A summary for people: a table in Markdown. */
export function checkMarkdown({ layers, options, images, ok }: CheckResult): string {
  const asked = [`similarity of at least ${options.minSimilarity}`];
  if (options.minConcept !== undefined)
    asked.push(`every concept with a partner of at least ${options.minConcept} (or of its name)`);
  return [
    `## samesight check: ${ok ? "passed" : "failed"}`,
    "",
    `Asked for: ${asked.join(", ")}; ${images} test images; an interval that holds the limit ${options.lenient ? "passes" : "fails"}.`,
    "",
    "| network | layer | depth | held against | similarity | 95 % interval | own refit | verdict | concepts lost or not shown to be kept |",
    "|---|---|---|---|---|---|---|---|---|",
    ...layers.map(
      (l) =>
        `| ${[l.model, l.layer, l.depth.toFixed(2), l.counterpart === l.layer ? "same layer" : l.counterpart, number(l.similarity), interval(l), number(l.ceiling), l.verdict, l.lost.map(nameOf).join(", ") || "none"].map(cell).join(" | ")} |`,
    ),
    "",
  ].join("\n");
}

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** The same for machines: JUnit XML, a suite a network, a case a layer. */
export function checkJunit({ layers, options }: CheckResult): string {
  const models = [...new Set(layers.map((l) => l.model))];
  const fails = (verdict: LayerCheck["verdict"]) =>
    verdict === "failed" || (verdict === "undecided" && !options.lenient);
  const bad = (l: LayerCheck) => fails(l.verdict) || l.lost.some((c) => fails(c.verdict));
  const suites = models.map((model) => {
    const own = layers.filter((l) => l.model === model);
    const cases = own.map((l) => {
      const head = `    <testcase classname="${xml(model)}" name="${xml(l.layer)}"`;
      const text = [
        said(l, options.minSimilarity),
        ...(l.lost.length > 0 ? [`concepts lost or not shown to be kept: ${l.lost.map(nameOf).join(", ")}`] : []),
      ].join("; ");
      if (bad(l)) return `${head}>\n      <failure message="${xml(text)}"/>\n    </testcase>`;
      return `${head}>\n      <system-out>${xml(text)}</system-out>\n    </testcase>`;
    });
    return `  <testsuite name="samesight check ${xml(model)}" tests="${own.length}" failures="${own.filter(bad).length}">\n${cases.join("\n")}\n  </testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites tests="${layers.length}" failures="${layers.filter(bad).length}">\n${suites.join("\n")}\n</testsuites>\n`;
}

function xml(text: string): string {
  // control characters are not XML, whatever they are written as
  const clean = [...text].filter((c) => c >= " " || c === "\n" || c === "\t").join("");
  return clean.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
