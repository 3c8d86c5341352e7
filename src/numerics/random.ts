import type { Random } from "./types.js";

/**
 * xoshiro128** (Blackman & Vigna 2018), seeded by any list of strings and numbers: the same list gives the same stream on every machine.
 */
export function seededRandom(...parts: readonly (string | number)[]): Random {
  let h = 0x811c9dc5;
  for (const ch of parts.join("\u0000")) {
    h = Math.imul(h ^ ch.codePointAt(0)!, 0x01000193);
    h ^= h >>> 15;
  }
  const splitmix = () => {
    h = (h + 0x9e3779b9) | 0;
    let z = h ^ (h >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  const s = Uint32Array.of(splitmix(), splitmix(), splitmix(), splitmix());
  return () => {
    const m = Math.imul(s[1]!, 5);
    const result = Math.imul((m << 7) | (m >>> 25), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result / 2 ** 32;
  };
}

/** Whole number in 0..n-1. */
export function below(n: number, random: Random): number {
  return Math.floor(random() * n);
}

/** Standard normal deviate (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A permutation of 0..n-1 (Fisher and Yates). */
export function permutation(n: number, random: Random): Int32Array {
  const out = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = below(i + 1, random);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** `m` different numbers of 0..n-1, ascending. Throws nothing: all of them when m >= n. */
export function sampleWithoutReplacement(n: number, m: number, random: Random): Int32Array {
  if (m >= n) return Int32Array.from({ length: n }, (_, i) => i);
  return permutation(n, random).slice(0, m).sort();
}
