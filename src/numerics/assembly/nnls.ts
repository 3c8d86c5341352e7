// AssemblyScript (WebAssembly SIMD). Non-negative least squares of many cells with one Gram matrix; see src/numerics/nnls.ts. Double precision throughout,
// so that the result is that of the slow twin. `solvePlanes` is for any k, `solveFewPlanes` for k <= 32: a passive set is a word of bits there.

/** Cholesky factor (lower, m x m, rows of k) of the part of G that `list` names. */
// @ts-ignore
@inline
function factor(g: usize, list: usize, m: i32, k: i32, l: usize): void {
  for (let a = 0; a < m; a++) {
    const row = g + (<usize>(load<i32>(list + (<usize>a << 2)) * k) << 3);
    const la = l + (<usize>(a * k) << 3);
    for (let c = 0; c <= a; c++) {
      const lc = l + (<usize>(c * k) << 3);
      let sum = load<f64>(row + (<usize>load<i32>(list + (<usize>c << 2)) << 3));
      for (let t = 0; t < c; t++) sum -= load<f64>(la + (<usize>t << 3)) * load<f64>(lc + (<usize>t << 3));
      // the diagonal is kept inverted; where rounding leaves nothing of a pivot its concept takes no part
      if (c == a) store<f64>(la + (<usize>c << 3), sum > 1e-14 * load<f64>(row + (<usize>load<i32>(list + (<usize>a << 2)) << 3)) ? 1 / sqrt<f64>(sum) : 0);
      else store<f64>(la + (<usize>c << 3), sum * load<f64>(lc + (<usize>c << 3)));
    }
  }
}

/** x = (L L^T)^-1 y for the concepts of `list`; y and x are addressed by concept. */
// @ts-ignore
@inline
function solve(l: usize, list: usize, m: i32, k: i32, y: usize, x: usize, z: usize): void {
  for (let a = 0; a < m; a++) {
    const la = l + (<usize>(a * k) << 3);
    let sum = load<f64>(y + (<usize>load<i32>(list + (<usize>a << 2)) << 3));
    for (let t = 0; t < a; t++) sum -= load<f64>(la + (<usize>t << 3)) * load<f64>(z + (<usize>t << 3));
    store<f64>(z + (<usize>a << 3), sum * load<f64>(la + (<usize>a << 3)));
  }
  for (let a = m - 1; a >= 0; a--) {
    let sum = load<f64>(z + (<usize>a << 3));
    for (let t = a + 1; t < m; t++) sum -= load<f64>(l + (<usize>(t * k + a) << 3)) * load<f64>(z + (<usize>t << 3));
    sum *= load<f64>(l + (<usize>(a * k + a) << 3));
    store<f64>(z + (<usize>a << 3), sum);
    store<f64>(x + (<usize>load<i32>(list + (<usize>a << 2)) << 3), sum);
  }
}

/**
 * b (f32, k planes of `cells`) -> scores in place. g: k x k doubles, slack: k doubles. work: (k + 4) k doubles and 2 k i32, all of them the kernel's.
 * The first cell starts from the empty set, every other from the set of the one before.
 */
export function solvePlanes(b: usize, cells: i32, k: i32, g: usize, slack: usize, work: usize): void {
  const l = work;
  const y = l + (<usize>(k * k) << 3);
  const x = y + (<usize>k << 3);
  const z = x + (<usize>k << 3);
  const dual = z + (<usize>k << 3);
  const list = dual + (<usize>k << 3);
  const passive = list + (<usize>k << 2);
  let m = 0;
  let factored = false;
  for (let i = 0; i < k; i++) store<i32>(passive + (<usize>i << 2), 0);
  for (let p = 0; p < cells; p++) {
    const at = b + (<usize>p << 2);
    let top: f64 = 0;
    for (let i = 0; i < k; i++) {
      const v = <f64>load<f32>(at + (<usize>(i * cells) << 2));
      store<f64>(y + (<usize>i << 3), v);
      store<f64>(x + (<usize>i << 3), 0);
      if (v > top) top = v;
    }
    if (top > 0) {
      let fewest = k + 1;
      let patience = 3;
      for (let round = 0; round < 100 * k; round++) {
        if (!factored) {
          m = 0;
          for (let i = 0; i < k; i++) {
            if (load<i32>(passive + (<usize>i << 2)) == 0) continue;
            store<i32>(list + (<usize>m << 2), i);
            m++;
          }
          factor(g, list, m, k, l);
          factored = true;
        }
        solve(l, list, m, k, y, x, z);
        let wrong = 0;
        let last = -1;
        for (let i = 0; i < k; i++) {
          if (load<i32>(passive + (<usize>i << 2)) != 0) {
            if (load<f64>(x + (<usize>i << 3)) < -1e-12 * top) {
              wrong++;
              last = i;
            }
          } else {
            let d = -load<f64>(y + (<usize>i << 3));
            const row = g + (<usize>(i * k) << 3);
            for (let a = 0; a < m; a++) {
              const j = <usize>load<i32>(list + (<usize>a << 2)) << 3;
              d += load<f64>(row + j) * load<f64>(x + j);
            }
            store<f64>(dual + (<usize>i << 3), d);
            if (d < -load<f64>(slack + (<usize>i << 3)) * top) {
              wrong++;
              last = i;
            }
          }
        }
        if (wrong == 0) break;
        if (wrong < fewest) {
          fewest = wrong;
          patience = 3;
        } else patience--;
        // full exchange while it helps, else the last offender alone, which cannot cycle
        for (let i = 0; i < k; i++) {
          if (patience <= 0 && i != last) continue;
          const in_ = load<i32>(passive + (<usize>i << 2)) != 0;
          const bad = in_
            ? load<f64>(x + (<usize>i << 3)) < -1e-12 * top
            : load<f64>(dual + (<usize>i << 3)) < -load<f64>(slack + (<usize>i << 3)) * top;
          if (bad) {
            store<i32>(passive + (<usize>i << 2), in_ ? 0 : 1);
            factored = false;
          }
        }
        if (!factored) for (let i = 0; i < k; i++) store<f64>(x + (<usize>i << 3), 0);
      }
    }
    for (let i = 0; i < k; i++) {
      const v = load<f64>(x + (<usize>i << 3));
      const shown = load<i32>(passive + (<usize>i << 2)) != 0 && v > 0 && top > 0;
      store<f32>(at + (<usize>(i * cells) << 2), shown ? <f32>v : 0);
    }
  }
}

/**
 * What a passive set makes of y, for up to 32 concepts: x of its m concepts and the dual of the others are D y + T y, T (`rows` x m, by columns) from the
 * inverse of its part of G. Written to `slot`: m; the set's concepts as offsets of doubles; D; what each value may fall below 0, over the largest of y; T.
 */
// @ts-ignore
@inline
function tabulate(slot: usize, set: u32, k: i32, rows: i32, g: usize, slack: usize, work: usize): void {
  const l = work;
  const y = l + (<usize>(k * k) << 3);
  const x = y + (<usize>k << 3);
  const z = x + (<usize>k << 3);
  const names = z + (<usize>(2 * k) << 3);
  const list = slot + 16;
  const d = list + (<usize>rows << 2);
  const limit = d + (<usize>rows << 3);
  const t = limit + (<usize>rows << 3);
  let m = 0;
  for (let i: i32 = 0; i < rows; i++) {
    const inside = i < k && ((set >> i) & 1) != 0;
    store<f64>(d + (<usize>i << 3), inside || i >= k ? 0 : -1);
    store<f64>(limit + (<usize>i << 3), i >= k ? 0 : inside ? -1e-12 : -load<f64>(slack + (<usize>i << 3)));
    if (!inside) continue;
    store<i32>(names + (<usize>m << 2), i);
    store<i32>(list + (<usize>m << 2), i << 3);
    m++;
  }
  store<i32>(slot, m, 8);
  factor(g, names, m, k, l);
  for (let i = 0; i < k; i++) store<f64>(y + (<usize>i << 3), 0);
  for (let a = 0; a < m; a++) {
    const at = <usize>load<i32>(list + (<usize>a << 2));
    store<f64>(y + at, 1);
    solve(l, names, m, k, y, x, z);
    store<f64>(y + at, 0);
    const column = t + (<usize>(a * rows) << 3);
    for (let i: i32 = 0; i < rows; i++) {
      let v: f64 = 0;
      if (i < k && ((set >> i) & 1) != 0) v = load<f64>(x + (<usize>i << 3));
      else if (i < k) {
        for (let c = 0; c < m; c++) {
          const j = <usize>load<i32>(list + (<usize>c << 2));
          v += load<f64>(g + (<usize>(i * k) << 3) + j) * load<f64>(x + j);
        }
      }
      store<f64>(column + (<usize>i << 3), v);
    }
  }
}

/**
 * The same as `solvePlanes` for k <= 32, where a passive set's table is made once and kept: 2^bits slots of `size` bytes from `cache` on. `rows`: k rounded
 * up to a multiple of 4; `both`: y and x, 2 x `rows` doubles.
 */
export function solveFewPlanes(
  b: usize, cells: i32, k: i32, g: usize, slack: usize, work: usize, cache: usize, bits: i32, size: i32, rows: i32, both: usize,
): void {
  const x = both + (<usize>rows << 3);
  for (let i: i32 = 0; i < 1 << bits; i++) store<u64>(cache + <usize>i * <usize>size, 0);
  for (let i: i32 = 0; i < 2 * rows; i++) store<f64>(both + (<usize>i << 3), 0);
  let set: u32 = 0;
  for (let p = 0; p < cells; p++) {
    const at = b + (<usize>p << 2);
    let top: f64 = 0;
    for (let i = 0; i < k; i++) {
      const v = <f64>load<f32>(at + (<usize>(i * cells) << 2));
      store<f64>(both + (<usize>i << 3), v);
      if (v > top) top = v;
    }
    if (top > 0) {
      let fewest = k + 1;
      let patience = 3;
      const scale = f64x2.splat(top);
      for (let round = 0; round < 100 * k; round++) {
        const key = <u64>set + 1;
        const slot = cache + <usize>((key * 0x9e3779b97f4a7c15) >> <u64>(64 - bits)) * <usize>size;
        if (load<u64>(slot) != key) {
          tabulate(slot, set, k, rows, g, slack, work);
          store<u64>(slot, key);
        }
        const list = slot + 16;
        const end = list + (<usize>load<i32>(slot, 8) << 2);
        const d = list + (<usize>rows << 2);
        const limit = d + (<usize>rows << 3);
        let wrong: u32 = 0;
        for (let i: i32 = 0; i < rows; i += 4) {
          const from = <usize>i << 3;
          let low = f64x2.mul(v128.load(d + from), v128.load(both + from));
          let high = f64x2.mul(v128.load(d + from, 16), v128.load(both + from, 16));
          let t = limit + (<usize>rows << 3) + from;
          for (let a = list; a < end; a += 4) {
            const y = v128.load64_splat(both + <usize>load<i32>(a));
            low = f64x2.add(low, f64x2.mul(v128.load(t), y));
            high = f64x2.add(high, f64x2.mul(v128.load(t, 16), y));
            t += <usize>rows << 3;
          }
          v128.store(x + from, low);
          v128.store(x + from, high, 16);
          const first = i64x2.bitmask(f64x2.lt(low, f64x2.mul(v128.load(limit + from), scale)));
          const second = i64x2.bitmask(f64x2.lt(high, f64x2.mul(v128.load(limit + from, 16), scale)));
          wrong |= <u32>(first | (second << 2)) << <u32>i;
        }
        if (wrong == 0) break;
        const count = <i32>popcnt<u32>(wrong);
        if (count < fewest) {
          fewest = count;
          patience = 3;
        } else patience--;
        // full exchange while it helps, else the last offender alone, which cannot cycle
        set ^= patience > 0 ? wrong : (<u32>1) << (31 - clz<u32>(wrong));
      }
    }
    for (let i = 0; i < k; i++) {
      const v = load<f64>(x + (<usize>i << 3));
      const shown = ((set >> i) & 1) != 0 && v > 0 && top > 0;
      store<f32>(at + (<usize>(i * cells) << 2), shown ? <f32>v : 0);
    }
  }
}
