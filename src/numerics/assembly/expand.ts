// AssemblyScript (WebAssembly SIMD). Bits of masks to bytes, as operands of an 8-bit matrix product; see src/numerics/commoncells.ts.

/** One mask of `bytes` bytes (a multiple of 16) -> 8 x bytes bytes, 1 for a set bit. */
// @ts-ignore
@inline
function expandMask(from: usize, bytes: usize, to: usize): void {
  const bits = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  const one = i8x16.splat(1);
  for (let at: usize = 0; at < bytes; at += 2) {
    const pair = v128.load16_splat(from + at);
    const spread = i8x16.shuffle(pair, pair, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
    v128.store(to + (at << 3), v128.and(i8x16.ne(v128.and(spread, bits), i8x16.splat(0)), one));
  }
}

/** Masks of `count` images, `step` bytes apart, of concepts k, `bytes` apart -> concept-major rows: k x (count x 8 x bytes) bytes. */
export function expandRows(from: usize, count: i32, step: i32, k: i32, bytes: i32, to: usize): void {
  const width = <usize>bytes << 3;
  for (let c = 0; c < k; c++) {
    for (let x = 0; x < count; x++) {
      expandMask(from + <usize>x * <usize>step + <usize>c * <usize>bytes, <usize>bytes, to + (<usize>c * <usize>count + <usize>x) * width);
    }
  }
}

/** The same, turned: (count x 8 x bytes) rows of `wide` bytes (a multiple of 16, at least k), -1 for a set bit; columns beyond k are those of `empty`. */
export function expandColumns(from: usize, count: i32, step: i32, k: i32, bytes: i32, wide: i32, empty: usize, to: usize): void {
  const none = i8x16.splat(0);
  for (let x = 0; x < count; x++) {
    const image = from + <usize>x * <usize>step;
    for (let c = 0; c < wide; c += 16) {
      for (let at: i32 = 0; at < bytes; at++) {
        let v = i8x16.splat(0);
        v = v128.load_lane<u8>(place(image, c, k, bytes, empty) + at, v, 0);
        v = v128.load_lane<u8>(place(image, c + 1, k, bytes, empty) + at, v, 1);
        v = v128.load_lane<u8>(place(image, c + 2, k, bytes, empty) + at, v, 2);
        v = v128.load_lane<u8>(place(image, c + 3, k, bytes, empty) + at, v, 3);
        v = v128.load_lane<u8>(place(image, c + 4, k, bytes, empty) + at, v, 4);
        v = v128.load_lane<u8>(place(image, c + 5, k, bytes, empty) + at, v, 5);
        v = v128.load_lane<u8>(place(image, c + 6, k, bytes, empty) + at, v, 6);
        v = v128.load_lane<u8>(place(image, c + 7, k, bytes, empty) + at, v, 7);
        v = v128.load_lane<u8>(place(image, c + 8, k, bytes, empty) + at, v, 8);
        v = v128.load_lane<u8>(place(image, c + 9, k, bytes, empty) + at, v, 9);
        v = v128.load_lane<u8>(place(image, c + 10, k, bytes, empty) + at, v, 10);
        v = v128.load_lane<u8>(place(image, c + 11, k, bytes, empty) + at, v, 11);
        v = v128.load_lane<u8>(place(image, c + 12, k, bytes, empty) + at, v, 12);
        v = v128.load_lane<u8>(place(image, c + 13, k, bytes, empty) + at, v, 13);
        v = v128.load_lane<u8>(place(image, c + 14, k, bytes, empty) + at, v, 14);
        v = v128.load_lane<u8>(place(image, c + 15, k, bytes, empty) + at, v, 15);
        let out = to + (<usize>x * (<usize>bytes << 3) + (<usize>at << 3)) * <usize>wide + c;
        for (let bit: i32 = 0; bit < 8; bit++) {
          v128.store(out, i8x16.ne(v128.and(v, i8x16.splat(<i8>((<i32>1) << bit))), none));
          out += wide;
        }
      }
    }
  }
}

// @ts-ignore
@inline
function place(image: usize, c: i32, k: i32, bytes: i32, empty: usize): usize {
  return c < k ? image + <usize>c * <usize>bytes : empty;
}
