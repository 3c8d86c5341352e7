import type { Tap } from "../../model/types.js";
import type { StudyNetwork } from "../../study.js";
import type { FitRequest } from "./fit.js";

/** Rows of this many bytes are held at once; layers are taken in groups that fit, at one pass of the network a group. */
const HOLD_BYTES = 512 * 2 ** 20;

/** Bytes of a row: channels, shares of the concepts, weight, image. */
const rowBytes = (channels: number, concepts: number) => 4 * (channels + concepts + 2);

/** Rows a layer: what was asked for, as far as they can be held. More photographs then give fewer cells each. */
export function rowsOf(
  { channels }: Pick<Tap, "channels">,
  { set, probes }: Pick<FitRequest, "set" | "probes">,
): number {
  return Math.min(probes.rows, Math.floor(HOLD_BYTES / rowBytes(channels, set.concepts.length)));
}

/** Taps in groups whose rows fit into memory together. */
export function groupsOf(network: StudyNetwork, taps: readonly number[], request: FitRequest): number[][] {
  const bytes = (t: number) => {
    const { channels, height, width } = network.taps[t]!;
    const rows = Math.min(rowsOf(network.taps[t]!, request), request.images.length * height * width);
    return rows * rowBytes(channels, request.set.concepts.length);
  };
  const groups: number[][] = [];
  let left = 0;
  for (const t of taps) {
    if (groups.length === 0 || bytes(t) > left) {
      groups.push([]);
      left = HOLD_BYTES;
    }
    groups.at(-1)!.push(t);
    left -= bytes(t);
  }
  return groups;
}
