import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Collecting takes some 30 ms: no more often than this. */
const EVERY_MS = 1000;

let lastMs = Number.NEGATIVE_INFINITY;
let collect: (() => void) | undefined;

/**
 * Collects garbage of this thread, at most once a second. Feature maps and pictures lie outside the heap of objects by whose size the engine decides when to
 * collect, so they pile up: a tenth of a study's peak, for some 3 % more CPU time.
 */
export function collectSometimes(): void {
  if (performance.now() - lastMs < EVERY_MS) return;
  if (!collect) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
  lastMs = performance.now();
}
