import type { Context } from "./context.js";
import type { StepName } from "./steps.js";

const ORDER: readonly StepName[] = ["rows", "concepts", "maps", "replacement", "masks", "asides", "pairs"];

/**
 * Keys of this study's artifacts that `step`, or what comes after it, reads: they stay while a store is kept within its limit. Sampled rows are spent once
 * the concepts are mined, activations once the maps are made; concepts, maps and masks are read until the report is written.
 */
export function neededFrom(step: StepName, { plan, study }: Pick<Context, "plan" | "study">): ReadonlySet<string> {
  const { keys } = plan;
  const until = (last: StepName) => ORDER.indexOf(step) <= ORDER.indexOf(last);
  const out = new Set<string>();
  for (const [n, { taps }] of study.networks.entries()) {
    if (until("concepts")) for (const s of plan.fitShards.keys()) out.add(keys.rows(n, s));
    if (until("maps")) for (const image of study.test) out.add(keys.activations(n, image));
    for (const t of taps.keys()) out.add(keys.concepts(n, t));
    for (const s of plan.testShards.keys()) out.add(keys.maps(n, s)).add(keys.signals(n, s));
  }
  for (const l of plan.layers.keys()) out.add(keys.masks(l)).add(keys.pairs(l));
  return out;
}
