// AssemblyScript (WebAssembly SIMD). Sixteen rows at a time, turned so that a vector holds one coefficient of four rows;
// no lane ever meets another, so a row's result does not depend on the rows beside it. Callers pad rows to a multiple of 16 with zeros.

/** 16 rows of k -> k x 16. */
// @ts-ignore
@inline
function turnIn(from: usize, k: i32, to: usize): void {
  for (let r = 0; r < 16; r++) {
    for (let c = 0; c < k; c++) store<f32>(to + (<usize>(c * 16 + r) << 2), load<f32>(from + (<usize>(r * k + c) << 2)));
  }
}

// @ts-ignore
@inline
function turnOut(from: usize, k: i32, to: usize): void {
  for (let r = 0; r < 16; r++) {
    for (let c = 0; c < k; c++) store<f32>(to + (<usize>(r * k + c) << 2), load<f32>(from + (<usize>(c * 16 + r) << 2)));
  }
}

/** max(0, s + x d); values that only rounding keeps alive would crawl as subnormals, so they become zero. */
// @ts-ignore
@inline
function stepped(s: v128, x: v128, d: v128): v128 {
  const next = f32x4.add(s, f32x4.mul(x, d));
  return v128.and(next, f32x4.gt(next, f32x4.splat(1e-30)));
}

/** One Gauss-Seidel sweep over a panel k x 16: s_c <- max(0, s_c + (b_c - sum_j g_cj s_j) / g_cc); inverse = 1 / g_cc, or 0 for a concept that is zero. */
// @ts-ignore
@inline
function sweep(s: usize, b: usize, g: usize, inverse: usize, k: i32): void {
  for (let c = 0; c < k; c++) {
    const at = s + (<usize>c << 6);
    const from = b + (<usize>c << 6);
    const step = load<f32>(inverse + (<usize>c << 2));
    if (step == 0) {
      memory.fill(at, 0, 64);
      continue;
    }
    let x0 = v128.load(from);
    let x1 = v128.load(from, 16);
    let x2 = v128.load(from, 32);
    let x3 = v128.load(from, 48);
    const row = g + (<usize>(c * k) << 2);
    for (let j = 0; j < k; j++) {
      const w = v128.load32_splat(row + (<usize>j << 2));
      const o = s + (<usize>j << 6);
      x0 = f32x4.sub(x0, f32x4.mul(w, v128.load(o)));
      x1 = f32x4.sub(x1, f32x4.mul(w, v128.load(o, 16)));
      x2 = f32x4.sub(x2, f32x4.mul(w, v128.load(o, 32)));
      x3 = f32x4.sub(x3, f32x4.mul(w, v128.load(o, 48)));
    }
    const d = f32x4.splat(step);
    v128.store(at, stepped(v128.load(at), x0, d));
    v128.store(at, stepped(v128.load(at, 16), x1, d), 16);
    v128.store(at, stepped(v128.load(at, 32), x2, d), 32);
    v128.store(at, stepped(v128.load(at, 48), x3, d), 48);
  }
}

/** sums (upper triangle, k x k vectors) += products of the coefficients of a panel. */
// @ts-ignore
@inline
function gram(s: usize, k: i32, sums: usize): void {
  for (let i = 0; i < k; i++) {
    const a = s + (<usize>i << 6);
    const x0 = v128.load(a);
    const x1 = v128.load(a, 16);
    const x2 = v128.load(a, 32);
    const x3 = v128.load(a, 48);
    for (let j = i; j < k; j++) {
      const o = s + (<usize>j << 6);
      const at = sums + (<usize>(i * k + j) << 4);
      const low = f32x4.add(f32x4.mul(x0, v128.load(o)), f32x4.mul(x1, v128.load(o, 16)));
      const high = f32x4.add(f32x4.mul(x2, v128.load(o, 32)), f32x4.mul(x3, v128.load(o, 48)));
      v128.store(at, f32x4.add(v128.load(at), f32x4.add(low, high)));
    }
  }
}

/**
 * `panels` x 16 rows of s and b (row-major, k wide): `sweeps` sweeps of s in place. `work`: 2 k vectors of 64 bytes.
 * sums: k x k vectors, to which the products s_i s_j (i <= j) of all rows are added.
 */
export function sweepRows(s: usize, b: usize, g: usize, inverse: usize, panels: i32, k: i32, sweeps: i32, work: usize, sums: usize): void {
  const held = work + (<usize>k << 6);
  for (let p = 0; p < panels; p++) {
    const at = <usize>(p * k) << 6;
    turnIn(s + at, k, work);
    turnIn(b + at, k, held);
    for (let i = 0; i < sweeps; i++) sweep(work, held, g, inverse, k);
    gram(work, k, sums);
    turnOut(work, k, s + at);
  }
}

/** Planes: s and b are k x stride (stride a multiple of 16); s starts from zero and gets `sweeps` sweeps. */
export function sweepPlanes(s: usize, b: usize, g: usize, inverse: usize, stride: i32, k: i32, sweeps: i32, work: usize): void {
  const held = work + (<usize>k << 6);
  for (let x = 0; x < stride; x += 16) {
    for (let c = 0; c < k; c++) memory.copy(held + (<usize>c << 6), b + (<usize>(c * stride + x) << 2), 64);
    memory.fill(work, 0, <usize>k << 6);
    for (let i = 0; i < sweeps; i++) sweep(work, held, g, inverse, k);
    for (let c = 0; c < k; c++) memory.copy(s + (<usize>(c * stride + x) << 2), work + (<usize>c << 6), 64);
  }
}
