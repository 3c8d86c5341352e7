/** Mutations of real inputs. All chance comes from the numbers handed in, so a case is its seed. */
import { below, seededRandom } from "../../src/numerics/random.js";
import type { Random } from "../../src/numerics/types.js";

const NASTY_BYTES = [0, 1, 0x7f, 0x80, 0xff, 10, 34, 44, 91, 123];
const NASTY_WORDS = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000, 0x7fff];

/** One to eight changes: bits and bytes, words, cuts, copies of stretches, pieces of another input. */
export function mutateBytes(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes: Uint8Array = seeds[below(seeds.length, random)]!.slice();
  for (let i = 1 + below(8, random); i > 0; i--) {
    const at = below(bytes.length + 1, random);
    const length = Math.min(bytes.length - at, 1 + below(64, random));
    const change = below(8, random);
    if (change === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8, random));
    else if (change === 1) bytes[at] = NASTY_BYTES[below(NASTY_BYTES.length, random)]!;
    else if (change === 2 && at + 4 <= bytes.length)
      new DataView(bytes.buffer).setUint32(at, NASTY_WORDS[below(NASTY_WORDS.length, random)]!, below(2, random) === 0);
    else if (change === 3) bytes = bytes.slice(0, at);
    else if (change === 4) bytes = joined(bytes.subarray(0, at), bytes.subarray(at + length));
    else if (change === 5) bytes = joined(bytes.subarray(0, at + length), bytes.subarray(at));
    else if (change === 6) for (let j = 0; j < length; j++) bytes[at + j] = below(256, random);
    else {
      const other = seeds[below(seeds.length, random)]!;
      const from = below(other.length + 1, random);
      bytes = joined(bytes.subarray(0, at), other.subarray(from, from + 256), bytes.subarray(at));
    }
  }
  return bytes;
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

const NASTY_VALUES: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => -1,
  () => 0,
  () => 0.5,
  () => 1e9,
  () => 2 ** 53,
  () => 1e308,
  () => "",
  () => "__proto__",
  () => "constructor",
  () => "../../../x",
  () => "\u0000",
  () => "x".repeat(1000),
  () => [],
  () => ({}),
  () => [[[[[]]]]],
  () => Array.from({ length: 1000 }, (_, i) => i),
  () => ({ length: 1e9 }),
  () => "NaN",
];

/** One to four values somewhere in the tree replaced, removed, moved or doubled. */
export function mutateJson(seed: unknown, random: Random): unknown {
  const root = { root: structuredClone(seed) };
  for (let i = 1 + below(4, random); i > 0; i--) {
    const places = placesIn(root);
    const { holder, key } = places[below(places.length, random)]!;
    const change = below(6, random);
    const h = holder as Record<string | number, unknown>;
    if (change <= 2) h[key] = NASTY_VALUES[below(NASTY_VALUES.length, random)]!();
    else if (change === 3 && holder !== root) {
      if (Array.isArray(holder)) holder.splice(key as number, 1);
      else delete h[key];
    } else if (change === 4) {
      const other = places[below(places.length, random)]!;
      h[key] = structuredClone((other.holder as Record<string | number, unknown>)[other.key]);
    } else if (Array.isArray(holder)) holder.splice(key as number, 0, structuredClone(h[key]));
    else if (typeof h[key] === "number") h[key] = (h[key] as number) * [-1, 2, 1000, 0.3][below(4, random)]!;
  }
  return root.root;
}

function placesIn(root: object): { holder: object; key: string | number }[] {
  const out: { holder: object; key: string | number }[] = [];
  const visit = (holder: object) => {
    for (const key of Array.isArray(holder) ? holder.keys() : Object.keys(holder)) {
      out.push({ holder, key });
      const value = (holder as Record<string | number, unknown>)[key];
      if (typeof value === "object" && value !== null) visit(value);
    }
  };
  visit(root);
  return out;
}

export const randomOf = (reader: string, seed: number): Random => seededRandom("fuzz", reader, seed);
