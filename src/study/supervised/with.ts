import type { LabelSet } from "../../dataset/labels/types.js";
import type { Environment, StudyResult } from "../../study.js";
import type { SupervisedResult } from "../supervise.js";
import { supervise } from "../supervise.js";
import { bridge } from "./bridge.js";

/** Both methods on one study: named concepts, and the mined ones named by them. */
export async function superviseWith(mined: StudyResult, labels: LabelSet, env: Environment): Promise<SupervisedResult> {
  const named = await supervise(mined.study, labels, mined.study.config.probes, env);
  return { ...named, bridge: await bridge(mined, named) };
}
