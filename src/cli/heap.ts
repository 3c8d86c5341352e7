import { setFlagsFromString } from "node:v8";

/** The heap of objects may become this much larger, in percent, before it is collected. */
const GROWING_PERCENT = 400;

/**
 * Lets the heaps of all threads of this process grow further between two collections; call it before the first worker starts. V8 counts feature maps and
 * pictures, which lie outside the heap, against a bound that it derives from the few megabytes of objects inside it, so it marks those objects hundreds of times
 * a study, for a fifth of its CPU time; workers collect by the clock (node/collect.ts), so the peak of memory hardly changes. A property of a process, so it is the command's to set and not the library's.
 */
export function letHeapsGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
}
