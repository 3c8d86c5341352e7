import type { Tap } from "../model/types.js";

/**
 * What all chance of a layer is drawn from: the study's seed and how many convolutions lie before it. So a network exported again, with its tensors
 * renamed, its head cut off or its channels in another order, gets the same concepts, whatever file it is in.
 */
export function layerSeed(seed: number, { position }: Pick<Tap, "position">): string {
  return `${seed} ${position}`;
}
