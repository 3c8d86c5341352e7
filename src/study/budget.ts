import { DEFAULTS } from "../contract/defaults.js";
import type { Context } from "./context.js";

/** Whether activations of the test images are kept: all of them or, where they would exceed the budget, none. */
export function keepsActivations({
  study,
  activationBytes = DEFAULTS.activationBytes,
}: Pick<Context, "study" | "activationBytes">): boolean {
  const perImage = study.networks.reduce(
    (sum, n) => sum + n.taps.reduce((s, t) => s + 4 * t.channels * t.height * t.width, 0),
    0,
  );
  return perImage * study.test.length <= activationBytes;
}
