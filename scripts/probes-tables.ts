import type { ProbeRow } from "../src/contract/supervised.js";
import type { SupervisedResult } from "../src/study/supervise.js";

const n2 = (v: number | null) => (v === null ? "" : v.toFixed(2).replace(/^(-?)0\./, "$1."));
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => "---"), ...rows].map((r) => `| ${r.join(" | ")} |`).join("\n");
const mean = (v: readonly number[]) => v.reduce((s, x) => s + x, 0) / v.length;
const known = (v: readonly (number | null)[]) => v.filter((x): x is number => x !== null);

/** The trained networks beside their shuffled copies, and the first beside itself. */
export interface Nulls {
  readonly result: SupervisedResult;
  /** Trained network to its shuffled copy, by id. */
  readonly shuffled: ReadonlyMap<string, string>;
  readonly again: string;
}

/** What the run shows, as Markdown: every concept in every layer, its best layers, agreement between networks, emergence. */
export function evidence(result: SupervisedResult, models: readonly string[], nulls: Nulls): string {
  const { probes, concepts } = result;
  const own = (concept: string, model: string) => probes.filter((r) => r.concept === concept && r.model === model);
  const best = (rows: readonly ProbeRow[]) =>
    rows.reduce((a, b) => ((b.iou_calibrated ?? -1) > (a.iou_calibrated ?? -1) ? b : a));
  const bests = concepts.flatMap((c) => models.map((m) => best(own(c, m))));
  const clear = bests.filter((r) => r.present);
  const above = (key: "filter_iou" | "mean_mask_iou" | "shuffled_iou") =>
    bests.filter((r) => (r.iou_calibrated ?? 0) > (r[key] ?? 0)).length;
  const pair = ([a, b]: readonly [string, string], concept: string) => {
    const [la, lb] = [best(own(concept, a)).layer, best(own(concept, b)).layer];
    return result.pairs.find(
      (p) => p.model_a === a && p.model_b === b && p.layer_a === la && p.layer_b === lb && p.concept === concept,
    );
  };
  const beside = (a: string, b: string, concept: string) => {
    const { layer } = best(own(concept, a));
    return nulls.result.pairs.find(
      (p) => p.model_a === a && p.layer_a === layer && p.model_b === b && p.layer_b === layer && p.concept === concept,
    );
  };
  const control = concepts.map((c) => models.map((m) => beside(m, nulls.shuffled.get(m)!, c)));
  const itself = concepts.map((c) => beside(models[0]!, nulls.again, c));
  const twos = models.flatMap((a, i) => models.slice(i + 1).map((b) => [a, b] as const));
  return [
    `# Named concepts on coco128: ${concepts.length} concepts, ${models.length} networks, ${result.layers.length} layers`,
    `Fit on ${probes[0]!.fit_images} labelled photographs (train2017), tested on ${probes[0]!.test_images} (val2017); set IoU on ${result.grid} x ${result.grid} cells of the common frame.`,
    `At their best layer the trained networks beat the single channel in ${above("filter_iou")}, the average mask in ${above("mean_mask_iou")} and the shuffled network in ${above("shuffled_iou")} of ${bests.length} (concept, network); above all three with 95 % confidence: ${clear.length}. Mean over all: calibrated ${n2(mean(known(bests.map((r) => r.iou_calibrated))))}, shuffled there ${n2(mean(known(bests.map((r) => r.shuffled_iou))))}, channel ${n2(mean(known(bests.map((r) => r.filter_iou))))}, average mask ${n2(mean(known(bests.map((r) => r.mean_mask_iou))))}.`,
    `Not clearly above all baselines at their best layer: ${
      bests
        .filter((r) => !r.present)
        .map((r) => `${r.concept} in ${r.model} (${r.why_not})`)
        .join("; ") || "none"
    }.`,
    "## Best layer of each concept",
    table(
      ["concept", "positives fit/test", ...models.flatMap((m) => [m, "depth", "shuffled"])],
      concepts.map((c) => {
        const rows = models.map((m) => best(own(c, m)));
        return [
          c,
          `${rows[0]!.fit_positives}/${rows[0]!.test_positives}`,
          ...rows.flatMap((r) => [`${n2(r.iou_calibrated)}${r.present ? "" : " *"}`, n2(r.depth), n2(r.shuffled_iou)]),
        ];
      }),
    ),
    "\\* not above all three baselines with 95 % confidence.",
    "## Agreement between networks (set IoU of predictions, each network at its best layer for the concept)",
    table(
      ["concept", ...twos.flatMap(([a, b]) => [`${a} / ${b}`, "null", "kappa", "interval"])],
      concepts.map((c) => [
        c,
        ...twos.flatMap((two) => {
          const p = pair(two, c);
          if (!p) return ["", "", "", ""];
          return [n2(p.iou), n2(p.null_iou), n2(p.kappa), `${n2(p.kappa_low)} to ${n2(p.kappa_high)}`];
        }),
      ]),
    ),
    "## Kappa's controls: each network at its best layer, beside the same layer of its copy with shuffled weights; the first network beside itself",
    `Mean over concepts and networks: trained with trained ${n2(mean(known(concepts.flatMap((c) => twos.map((two) => pair(two, c)?.kappa ?? null)))))}, trained with its shuffled copy ${n2(mean(known(control.flat().map((p) => p?.kappa ?? null))))} (largest ${n2(Math.max(...known(control.flat().map((p) => p?.kappa ?? null))))}), with itself ${n2(mean(known(itself.map((p) => p?.kappa ?? null))))}.`,
    table(
      ["concept", ...models.flatMap((m) => [`${m} / shuffled`, "interval"]), `${models[0]} / itself`],
      concepts.map((c, i) => [
        c,
        ...control[i]!.flatMap((p) => [
          n2(p?.kappa ?? null),
          `${n2(p?.kappa_low ?? null)} to ${n2(p?.kappa_high ?? null)}`,
        ]),
        n2(itself[i]?.kappa ?? null),
      ]),
    ),
    "## Do concepts emerge at the same depth?",
    table(
      ["networks", "scale", "concepts", "mean difference", "layers permuted", "p", "shuffled", "Spearman"],
      result.emergenceTests.map((t) => [
        `${t.model_a} / ${t.model_b}`,
        t.scale,
        String(t.concepts),
        n2(t.mean_difference),
        n2(t.chance_difference),
        t.p_value === null ? "" : t.p_value.toFixed(3),
        n2(t.shuffled_difference),
        n2(t.spearman),
      ]),
    ),
    "## Every concept in every layer",
    table(
      [
        "concept",
        "network",
        "layer",
        "depth",
        "IoU at .5",
        "calibrated",
        "95 %",
        "threshold",
        "channel",
        "average mask",
        "shuffled",
        "present",
        "consistency",
      ],
      probes
        .slice()
        .sort((a, b) => concepts.indexOf(a.concept) - concepts.indexOf(b.concept))
        .map((r) => [
          r.concept,
          r.model,
          r.layer,
          n2(r.depth),
          n2(r.iou),
          n2(r.iou_calibrated),
          `${n2(r.ci_low)} to ${n2(r.ci_high)}`,
          n2(r.threshold),
          n2(r.filter_iou),
          n2(r.mean_mask_iou),
          n2(r.shuffled_iou),
          r.present ? "yes" : "",
          n2(r.consistency),
        ]),
    ),
  ].join("\n\n");
}
