/** Tables of the two findings from the files of a run: run.json, summary.csv, layers.csv. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configSchema } from "../src/contract/config.js";
import type { RunFile } from "../src/contract/results.js";
import { mean, standardDeviation } from "../src/numerics/statistics.js";

type Row = Readonly<Record<string, string>>;
const PAIRINGS = ["TT", "TR", "RR"] as const;
const OURS = "nmf";

export function findingsEvidence(dir: string): string {
  const run = JSON.parse(readFileSync(join(dir, "run.json"), "utf8")) as RunFile;
  const { permutations, bootstrap } = configSchema.parse(run.config).similarity;
  const summary = table(join(dir, "summary.csv"));
  const layers = between(table(join(dir, "layers.csv")), run);
  const images = `${run.dataset.fit} photographs to fit, ${run.dataset.test} to test`;
  return `${[
    "# The two findings on three detectors, with shuffled twins",
    `${run.models
      .filter((m) => m.twin_of === null)
      .map((m) => m.id)
      .join(
        ", ",
      )}; ${run.config.twins} twins each; ${images}; ${permutations} permutations, ${bootstrap.toLocaleString("en")} resamples; seed ${run.seed}. Written by \`npm run evidence:findings\` (samesight ${run.tool.version}).`,
    "TT: two trained networks; TR: a trained one and a shuffled twin of another; RR: shuffled twins of two networks. In brackets the 95 % interval.",
    "## In sentences",
    run.findings.map((f) => `- ${holds(f.holds)} ${f.sentence}`).join("\n"),
    "## In numbers: means over pairs of networks",
    numbers(summary),
    "## Spread over the seeds of the twins",
    "Standard deviation over the seeds: of the mean over pairs of networks with twins of one seed each (RR: equal seeds on both sides, and all other combinations).",
    seeds(summary, run),
    "## S' by depth: what the first layers and random networks have in common",
    "Mean over cells of different networks, leaving out the first layers of each network.",
    depths(layers, run),
    "## Measures side by side",
    "Mean over cells of different networks. AUC: how often a TT cell lies above a TR (RR) cell.",
    measures(layers),
    "## Health of the twins",
    twins(run),
  ].join("\n\n")}\n`;
}

const holds = (x: boolean | null) => (x === null ? "[not tested]" : x ? "[stands]" : "[does not stand]");
const three = (x: number) => (Number.isFinite(x) ? x.toFixed(3) : "");
const value = (x: string | undefined) => (x === undefined || x === "" ? Number.NaN : Number(x));
const known = (list: readonly number[]) => list.filter((x) => Number.isFinite(x));
const markdown = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => "---"), ...rows].map((r) => `| ${r.join(" | ")} |`).join("\n");

/** RFC 4180 as our tables write it. */
function table(file: string): Row[] {
  const rows: string[][] = [];
  let [row, field, quoted]: [string[], string, boolean] = [[], "", false];
  const text = readFileSync(file, "utf8");
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') field += text[++i]!;
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === "," || c === "\n") {
      row.push(field);
      field = "";
      if (c === "\n") {
        rows.push(row);
        row = [];
      }
    } else field += c;
  }
  const [head, ...body] = rows;
  return body.map((r) => Object.fromEntries(head!.map((name, i) => [name, r[i]!])));
}

const original = (run: RunFile) => new Map(run.models.map((m) => [m.id, m.twin_of ?? m.id]));

/** Cells of two networks that are not versions of one. */
function between(rows: readonly Row[], run: RunFile): Row[] {
  const of = original(run);
  return rows.filter((r) => of.get(r.model_a!) !== of.get(r.model_b!));
}

function numbers(summary: readonly Row[]): string {
  const own = summary.filter((r) => r.model_a === "" && r.model_b === "");
  const quantities = [...new Set(own.map((r) => r.quantity!))];
  const cell = (quantity: string, pairing: string) => {
    const r = own.find((x) => x.quantity === quantity && x.pairing === pairing);
    if (!r || r.value === "") return "";
    const doubt = r.ci_low === "" ? "" : ` (${three(value(r.ci_low))} to ${three(value(r.ci_high))})`;
    const chance = r.p_value === "" ? "" : `; ${r.null} ${three(value(r.null_mean))}, p ${three(value(r.p_value))}`;
    return `${three(value(r.value))}${doubt}${chance}`;
  };
  return markdown(
    ["number", ...PAIRINGS],
    quantities.map((q) => [q, ...PAIRINGS.map((p) => cell(q, p))]),
  );
}

/** For each number the means with twins of single seeds, and how far they lie apart. */
function seeds(summary: readonly Row[], run: RunFile): string {
  const of = original(run);
  const seed = new Map(run.twins.map((t) => [t.id, t.seed]));
  const all = [...new Set(run.twins.map((t) => t.seed))];
  const single = summary.filter(
    (r) => r.model_a !== "" && r.model_b !== "" && of.get(r.model_a!) !== of.get(r.model_b!),
  );
  const average = (quantity: string, pairing: string, keep: (r: Row) => boolean) =>
    mean(
      known(
        single.filter((r) => r.quantity === quantity && r.pairing === pairing && keep(r)).map((r) => value(r.value)),
      ),
    );
  const spread = (list: readonly number[]) => `${list.map(three).join(", ")}: sd ${three(standardDeviation(list))}`;
  const rows = [
    "mean_similarity",
    "share_with_partner",
    "mean_distance",
    "mantel",
    "partial_mantel",
    "warp_distance",
  ].map((q) => [
    q,
    spread(
      all.map((s) => average(q, "TR", (r) => (seed.get(r.model_a!) ?? s) === s && (seed.get(r.model_b!) ?? s) === s)),
    ),
    spread(all.map((s) => average(q, "RR", (r) => seed.get(r.model_a!) === s && seed.get(r.model_b!) === s))),
    three(
      standardDeviation(known(single.filter((r) => r.quantity === q && r.pairing === "RR").map((r) => value(r.value)))),
    ),
    three(
      standardDeviation(known(single.filter((r) => r.quantity === q && r.pairing === "TT").map((r) => value(r.value)))),
    ),
  ]);
  return markdown(["number", "TR by seed", "RR by seed", "sd of all RR pairs", "sd of all TT pairs"], rows);
}

function depths(layers: readonly Row[], run: RunFile): string {
  const place = new Map(run.models.flatMap((m) => m.taps.map((t, i) => [`${m.id} ${t.name}`, i] as const)));
  const first = (r: Row) => Math.min(place.get(`${r.model_a} ${r.layer_a}`)!, place.get(`${r.model_b} ${r.layer_b}`)!);
  const own = layers.filter((r) => r.method === OURS);
  const most = Math.max(...own.map(first));
  const rows = Array.from({ length: most + 1 }, (_, k) => {
    const at = (p: string, column: string) =>
      three(mean(known(own.filter((r) => r.pairing === p && first(r) >= k).map((r) => value(r[column])))));
    return [k === 0 ? "none" : `${k}`, ...["similarity", "pearson"].flatMap((c) => PAIRINGS.map((p) => at(p, c)))];
  });
  return markdown(["layers left out", ...PAIRINGS.map((p) => `S' ${p}`), ...PAIRINGS.map((p) => `pearson ${p}`)], rows);
}

function measures(layers: readonly Row[]): string {
  const methods = [...new Set(layers.map((r) => r.method!))];
  const columns = methods.flatMap((m) =>
    (m === OURS
      ? ["similarity", "pair_iou", "null_mean", "debiased", "coarsest", "pearson", "one_to_one", "raw_iou"]
      : ["similarity"]
    ).map((c) => [m, c] as const),
  );
  const rows = columns.map(([method, column]) => {
    const of = (p: string) =>
      known(layers.filter((r) => r.method === method && r.pairing === p).map((r) => value(r[column])));
    const lists = PAIRINGS.map(of);
    const [tt, tr, rr] = lists;
    return [method, column, ...lists.map((l) => three(mean(l))), three(auc(tt!, tr!)), three(auc(tt!, rr!))];
  });
  return markdown(["measure", "column", ...PAIRINGS, "AUC TT over TR", "AUC TT over RR"], rows);
}

/** P(x > y) with ties half. */
function auc(xs: readonly number[], ys: readonly number[]): number {
  let sum = 0;
  for (const x of xs) for (const y of ys) sum += x > y ? 1 : x === y ? 0.5 : 0;
  return sum / (xs.length * ys.length);
}

function twins(run: RunFile): string {
  const rows = run.twins.map((t) => [
    t.id,
    `${t.convolutions}`,
    `${t.dead_channels} of ${t.channels} (${((100 * t.dead_channels) / t.channels).toFixed(1)} %)`,
    t.maximum_ratio.toFixed(1),
    t.mean_error.toExponential(1),
    t.sd_error.toExponential(1),
    three(t.explained_variance ?? Number.NaN),
    three(t.explained_variance_trained ?? Number.NaN),
  ]);
  return markdown(
    [
      "twin",
      "convolutions",
      "dead channels",
      "largest value, times trained",
      "largest error of a mean (sd)",
      "of an sd",
      "explained",
      "trained",
    ],
    rows,
  );
}
