import { permutation } from "./random.js";
import type { Random } from "./types.js";

/**
 * Cuts n images into blocks of at most `size`, as even as possible: images 0..n-1 in order when one block holds them, random subsets (ascending)
 * otherwise. Within a block everything can be permuted while only the block is in memory.
 */
export function imageBlocks(n: number, size: number, random: Random): Int32Array[] {
  const blocks = Math.max(1, Math.ceil(n / size));
  if (blocks === 1) return [Int32Array.from({ length: n }, (_, i) => i)];
  const shuffled = permutation(n, random);
  return Array.from({ length: blocks }, (_, b) =>
    shuffled.slice(Math.floor((b * n) / blocks), Math.floor(((b + 1) * n) / blocks)).sort(),
  );
}

/** `count` uniform permutations of 0..n-1, fixed points allowed: under exchangeability they make permutation p-values exact. */
export function permutations(n: number, count: number, random: Random): Int32Array[] {
  return Array.from({ length: count }, () => permutation(n, random));
}
