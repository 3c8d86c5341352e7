import type { Preprocessing } from "../contract/preprocessing.js";

/** Channels of the network's input. */
export function planesOf({ channels }: Pick<Preprocessing, "channels">): 1 | 3 {
  return channels === "L" ? 1 : 3;
}
