// AssemblyScript (WebAssembly SIMD). Separable resampling of planes in double precision; see src/numerics/resample.ts. Two target rows at a time, a lane
// each; within a lane sums run in the order of the source cells.

/** Source columns x..x+3 of target rows y (weights at `wa`) and z (at `wb`), mixed and stored as pairs of doubles. */
// @ts-ignore
@inline
function mixFour(a: usize, countA: i32, wa: usize, b: usize, countB: i32, wb: usize, step: usize, to: usize): void {
  let a0 = f64x2.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  for (let j = 0; j < countA; j++) {
    const w = v128.load64_splat(wa + (<usize>j << 3));
    const v = v128.load(a + <usize>j * step);
    a0 = f64x2.add(a0, f64x2.mul(w, f64x2.promote_low_f32x4(v)));
    a1 = f64x2.add(a1, f64x2.mul(w, f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1))));
  }
  for (let j = 0; j < countB; j++) {
    const w = v128.load64_splat(wb + (<usize>j << 3));
    const v = v128.load(b + <usize>j * step);
    b0 = f64x2.add(b0, f64x2.mul(w, f64x2.promote_low_f32x4(v)));
    b1 = f64x2.add(b1, f64x2.mul(w, f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1))));
  }
  v128.store(to, v128.shuffle<i64>(a0, b0, 0, 2));
  v128.store(to, v128.shuffle<i64>(a0, b0, 1, 3), 16);
  v128.store(to, v128.shuffle<i64>(a1, b1, 0, 2), 32);
  v128.store(to, v128.shuffle<i64>(a1, b1, 1, 3), 48);
}

/**
 * `planes` planes of f32, hIn x wIn, from `data` on (12 bytes behind them are read, not used) -> hOut x wOut from `out` on. An axis: `start` and `count`
 * (i32 a target cell), `weights` (f64, `most` a target cell). `row`: 16 bytes a source column, rounded up to four columns.
 */
export function resample(
  data: usize, planes: i32, hIn: i32, wIn: i32, hOut: i32, wOut: i32,
  startY: usize, countY: usize, mostY: i32, weightsY: usize,
  startX: usize, countX: usize, mostX: i32, weightsX: usize,
  row: usize, out: usize,
): void {
  const step = <usize>wIn << 2;
  for (let p = 0; p < planes; p++) {
    const plane = data + <usize>p * <usize>hIn * step;
    const target = out + ((<usize>p * <usize>hOut * <usize>wOut) << 2);
    for (let y = 0; y < hOut; y += 2) {
      const z = min(y + 1, hOut - 1);
      const a = plane + <usize>load<i32>(startY + (<usize>y << 2)) * step;
      const b = plane + <usize>load<i32>(startY + (<usize>z << 2)) * step;
      const countA = load<i32>(countY + (<usize>y << 2));
      // the last row of an odd number has no partner
      const countB = z == y ? 0 : load<i32>(countY + (<usize>z << 2));
      const wa = weightsY + (<usize>(y * mostY) << 3);
      const wb = weightsY + (<usize>(z * mostY) << 3);
      for (let x = 0; x < wIn; x += 4) {
        mixFour(a + (<usize>x << 2), countA, wa, b + (<usize>x << 2), countB, wb, step, row + (<usize>x << 4));
      }
      const toA = target + (<usize>(y * wOut) << 2);
      const toB = target + (<usize>(z * wOut) << 2);
      for (let x = 0; x < wOut; x++) {
        const from = row + (<usize>load<i32>(startX + (<usize>x << 2)) << 4);
        const w = weightsX + (<usize>(x * mostX) << 3);
        const count = load<i32>(countX + (<usize>x << 2));
        let sum = f64x2.mul(v128.load64_splat(w), v128.load(from));
        for (let j = 1; j < count; j++) {
          sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(w + (<usize>j << 3)), v128.load(from + (<usize>j << 4))));
        }
        const both = f32x4.demote_f64x2_zero(sum);
        v128.store32_lane(toA + (<usize>x << 2), both, 0);
        if (z != y) v128.store32_lane(toB + (<usize>x << 2), both, 1);
      }
    }
  }
}
