import { SamesightError } from "../../errors.js";
import type { Canvas } from "./canvas.js";
import { paintRun } from "./canvas.js";

/**
 * COCO's run-length code: lengths of alternating runs of 0 and 1 (0 first) down the columns, column after column.
 * As text each length is a signed number in groups of 5 bits, lowest first, a character 48 + bits each, 32 added where another group follows; from the
 * fourth length on the difference to the length two before is written. (Definition: cocoapi, common/maskApi.c.)
 */
const FIRST_CHARACTER = 48;
const MOST_GROUPS = 7;

/** Text -> run lengths of a mask of `pixels` pixels. Throws SamesightError `invalid` that names the character. */
export function runsFromText(text: string, pixels: number): Uint32Array {
  const runs: number[] = [];
  let total = 0;
  for (let at = 0; at < text.length; ) {
    let value = 0;
    let groups = 0;
    let more = true;
    while (more) {
      const code = text.charCodeAt(at) - FIRST_CHARACTER;
      if (at >= text.length) throw broken(`ends inside a number`);
      if (!(code >= 0 && code < 64)) throw broken(`character ${at + 1} is ${JSON.stringify(text[at])}`);
      if (groups === MOST_GROUPS) throw broken(`a number at character ${at + 1} is too long`);
      value += (code & 31) * 32 ** groups;
      more = (code & 32) !== 0;
      at++;
      groups++;
      if (!more && code & 16) value -= 32 ** groups;
    }
    if (runs.length > 2) value += runs[runs.length - 2]!;
    if (value < 0) throw broken(`run ${runs.length + 1} is ${value} long`);
    runs.push(value);
    total += value;
    if (total > pixels) break;
  }
  return checked(runs, total, pixels);
}

/** Plain lengths, as uncompressed RLE has them. Throws SamesightError `invalid` that names the run. */
export function runsFromCounts(counts: readonly unknown[], pixels: number): Uint32Array {
  let total = 0;
  for (const [i, n] of counts.entries()) {
    if (typeof n !== "number" || !Number.isInteger(n) || n < 0)
      throw broken(`run ${i + 1} is ${short(n)}, not a whole number`);
    total += n;
    if (total > pixels) break;
  }
  return checked(counts as number[], total, pixels);
}

function checked(runs: readonly number[], total: number, pixels: number): Uint32Array {
  if (total === pixels) return Uint32Array.from(runs);
  throw broken(`its runs cover ${total > pixels ? "more than" : `${total} of`} ${pixels} pixels`);
}

function broken(why: string): SamesightError {
  return new SamesightError("invalid", `RLE ${why}`, {
    hint: "Export the annotation again; pycocotools.mask.encode writes it whole.",
  });
}

/** A foreign value in a message, cut short. */
export function short(value: unknown): string {
  const text =
    typeof value === "string" ? JSON.stringify(value) : typeof value === "object" ? typeof value : String(value);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

/** Sets the pixels of the runs of 1; the canvas has as many pixels as the runs cover. */
export function paintRuns(canvas: Canvas, runs: Uint32Array): void {
  let at = 0;
  for (const [r, length] of runs.entries()) {
    if (r % 2 === 1) paintRun(canvas, at, at + length);
    at += length;
  }
}

/** Run lengths of a row-major mask. */
export function runsOf({ width, height, data }: Canvas): number[] {
  const runs: number[] = [];
  let value = 0;
  let length = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if (data[y * width + x] !== value) {
        runs.push(length);
        length = 0;
        value = 1 - value;
      }
      length++;
    }
  }
  runs.push(length);
  return runs;
}

/** Run lengths as COCO's text; the inverse of `runsFromText`. */
export function textOfRuns(runs: ArrayLike<number>): string {
  const out: number[] = [];
  for (let i = 0; i < runs.length; i++) {
    let value = i > 2 ? runs[i]! - runs[i - 2]! : runs[i]!;
    for (let more = true; more; ) {
      let code = value & 31;
      value >>= 5;
      more = code & 16 ? value !== -1 : value !== 0;
      if (more) code |= 32;
      out.push(code + FIRST_CHARACTER);
    }
  }
  return out.map((c) => String.fromCharCode(c)).join("");
}
