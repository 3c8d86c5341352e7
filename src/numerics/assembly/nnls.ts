// AssemblyScript. Non-negative least squares of many cells with one Gram matrix; see src/numerics/nnls.ts. Double precision throughout, so that the
// result is that of the slow twin; a factor is kept while the passive set stays, as neighbouring cells see the same things.

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
