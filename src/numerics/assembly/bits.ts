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

// @ts-ignore
@inline
function fold(bytes: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes));
}

/** Horizontal sums of four vectors of i32, as one vector. */
// @ts-ignore
@inline
function transposeSum(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/** out[j] += bits of (a AND b_j), four masks b_j at once; bytes `from`..`end` of a mask of `size` bytes. */
// @ts-ignore
@inline
function four(a: usize, b: usize, size: usize, from: usize, end: usize, out: usize): void {
  let s0 = i32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let w = from;
  while (w < end) {
    let c0 = i8x16.splat(0);
    let c1 = c0;
    let c2 = c0;
    let c3 = c0;
    const stop = min(end, w + 31 * 16);
    for (; w < stop; w += 16) {
      const x = v128.load(a + w);
      const y = b + w;
      c0 = i8x16.add(c0, i8x16.popcnt(v128.and(x, v128.load(y))));
      c1 = i8x16.add(c1, i8x16.popcnt(v128.and(x, v128.load(y + size))));
      c2 = i8x16.add(c2, i8x16.popcnt(v128.and(x, v128.load(y + 2 * size))));
      c3 = i8x16.add(c3, i8x16.popcnt(v128.and(x, v128.load(y + 3 * size))));
    }
    s0 = i32x4.add(s0, fold(c0));
    s1 = i32x4.add(s1, fold(c1));
    s2 = i32x4.add(s2, fold(c2));
    s3 = i32x4.add(s3, fold(c3));
  }
  v128.store(out, i32x4.add(v128.load(out), transposeSum(s0, s1, s2, s3)));
}

/** The same for two masks: k is 10 by default, so two are left over by fours. */
// @ts-ignore
@inline
function two(a: usize, b: usize, size: usize, from: usize, end: usize, out: usize): void {
  let s0 = i32x4.splat(0);
  let s1 = s0;
  let w = from;
  while (w < end) {
    let c0 = i8x16.splat(0);
    let c1 = c0;
    const stop = min(end, w + 31 * 16);
    for (; w < stop; w += 16) {
      const x = v128.load(a + w);
      c0 = i8x16.add(c0, i8x16.popcnt(v128.and(x, v128.load(b + w))));
      c1 = i8x16.add(c1, i8x16.popcnt(v128.and(x, v128.load(b + size + w))));
    }
    s0 = i32x4.add(s0, fold(c0));
    s1 = i32x4.add(s1, fold(c1));
  }
  const sums = transposeSum(s0, s1, i32x4.splat(0), i32x4.splat(0));
  store<i32>(out, load<i32>(out) + i32x4.extract_lane(sums, 0));
  store<i32>(out, load<i32>(out, 4) + i32x4.extract_lane(sums, 1), 4);
}

// @ts-ignore
@inline
function one(a: usize, b: usize, from: usize, end: usize, out: usize): void {
  let sum = i32x4.splat(0);
  let w = from;
  while (w < end) {
    let c = i8x16.splat(0);
    const stop = min(end, w + 31 * 16);
    for (; w < stop; w += 16) c = i8x16.add(c, i8x16.popcnt(v128.and(v128.load(a + w), v128.load(b + w))));
    sum = i32x4.add(sum, fold(c));
  }
  store<i32>(
    out,
    load<i32>(out) + i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3),
  );
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
      while (from < end && !v128.any_true(v128.load(ai + from))) from += 16;
      if (from == end) continue;
      while (!v128.any_true(v128.load(ai + end - 16))) end -= 16;
      let j = 0;
      for (; j + 4 <= kb; j += 4) four(ai, bx + <usize>j * size, size, from, end, oi + ((<usize>j) << 2));
      for (; j + 2 <= kb; j += 2) two(ai, bx + <usize>j * size, size, from, end, oi + ((<usize>j) << 2));
      for (; j < kb; j++) one(ai, bx + <usize>j * size, from, end, oi + ((<usize>j) << 2));
    }
  }
}
