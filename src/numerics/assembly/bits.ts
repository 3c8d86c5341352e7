// AssemblyScript (WebAssembly SIMD). Masks are rows of v128 words; see src/numerics/bits.ts for the layout.

/** Bits set in one mask of `words` v128 words. */
// @ts-ignore
@inline
function popWords(a: usize, words: i32): i32 {
  let sum = i32x4.splat(0);
  let w = 0;
  while (w < words) {
    let bytes = i8x16.splat(0);
    const stop = min(words, w + 31); // 31 words of at most 8 bits a byte stay below 256
    for (; w < stop; w++) bytes = i8x16.add(bytes, i8x16.popcnt(v128.load(a + ((<usize>w) << 4))));
    sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes)));
  }
  return i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3);
}

export function areas(a: usize, planes: i32, words: i32, out: usize): void {
  for (let i = 0; i < planes; i++) {
    store<i32>(out + ((<usize>i) << 2), popWords(a + (<usize>i) * ((<usize>words) << 4), words));
  }
}

/** out[j] += bits of (a AND b_j), four masks b_j at once; bytes `from`..`end` of a mask of `size` bytes. Plain 64-bit counts: SIMD has none wider than a byte. */
// @ts-ignore
@inline
function four(a: usize, b: usize, size: usize, from: usize, end: usize, out: usize): void {
  let s0: i64 = 0;
  let s1: i64 = 0;
  let s2: i64 = 0;
  let s3: i64 = 0;
  for (let w = from; w < end; w += 8) {
    const x = load<i64>(a + w);
    const y = b + w;
    s0 += popcnt(x & load<i64>(y));
    s1 += popcnt(x & load<i64>(y + size));
    s2 += popcnt(x & load<i64>(y + 2 * size));
    s3 += popcnt(x & load<i64>(y + 3 * size));
  }
  store<i32>(out, load<i32>(out) + <i32>s0);
  store<i32>(out, load<i32>(out, 4) + <i32>s1, 4);
  store<i32>(out, load<i32>(out, 8) + <i32>s2, 8);
  store<i32>(out, load<i32>(out, 12) + <i32>s3, 12);
}

/** The same for two masks: k is 10 by default, so two are left over by fours. */
// @ts-ignore
@inline
function two(a: usize, b: usize, size: usize, from: usize, end: usize, out: usize): void {
  let s0: i64 = 0;
  let s1: i64 = 0;
  for (let w = from; w < end; w += 8) {
    const x = load<i64>(a + w);
    s0 += popcnt(x & load<i64>(b + w));
    s1 += popcnt(x & load<i64>(b + w + size));
  }
  store<i32>(out, load<i32>(out) + <i32>s0);
  store<i32>(out, load<i32>(out, 4) + <i32>s1, 4);
}

// @ts-ignore
@inline
function one(a: usize, b: usize, from: usize, end: usize, out: usize): void {
  let s: i64 = 0;
  for (let w = from; w < end; w += 8) s += popcnt(load<i64>(a + w) & load<i64>(b + w));
  store<i32>(out, load<i32>(out) + <i32>s);
}

/** For n images: out[x * step + i * kb + j] += bits of (A[x, i] AND B[order[x], j]). `step` counts i32; 0 sums over the images. */
export function intersections(
  a: usize, b: usize, order: usize, n: i32, ka: i32, kb: i32, words: i32, out: usize, step: i32,
): void {
  const size = (<usize>words) << 4;
  for (let x = 0; x < n; x++) {
    const ax = a + <usize>x * <usize>ka * size;
    const bx = b + <usize>load<i32>(order + ((<usize>x) << 2)) * <usize>kb * size;
    const ox = out + ((<usize>x * <usize>step) << 2);
    for (let i = 0; i < ka; i++) {
      const ai = ax + <usize>i * size;
      const oi = ox + ((<usize>i * <usize>kb) << 2);
      // concepts are local: words outside a's first and last bit cannot meet
      let from: usize = 0;
      let end = size;
      while (from < end && load<i64>(ai + from) == 0) from += 8;
      if (from == end) continue;
      while (load<i64>(ai + end - 8) == 0) end -= 8;
      let j = 0;
      for (; j + 4 <= kb; j += 4) four(ai, bx + <usize>j * size, size, from, end, oi + ((<usize>j) << 2));
      for (; j + 2 <= kb; j += 2) two(ai, bx + <usize>j * size, size, from, end, oi + ((<usize>j) << 2));
      for (; j < kb; j++) one(ai, bx + <usize>j * size, from, end, oi + ((<usize>j) << 2));
    }
  }
}
