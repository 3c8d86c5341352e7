/**
 * Notation used in every stage:
 *   A  activations, n x c x h x w (NCHW, row-major, C order)
 *   V  rows of activations, r x c: one row a pixel
 *   P  concept vectors, k x c, each row of unit l2 norm
 *   S  concept scores, r x k, or maps n x k x h x w
 */

/** Row-major matrix; `data.length === rows * cols`. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly cols: number;
}

/** Row-major matrix in double precision, for small and delicate things (Gram matrices, statistics). */
export interface Matrix64 {
  readonly data: Float64Array;
  readonly rows: number;
  readonly cols: number;
}

/** NCHW tensor; `data.length === n * c * h * w`. */
export interface Tensor4 {
  readonly data: Float32Array;
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
}

/** Uniform on [0, 1). Always passed in, never global. */
export type Random = () => number;
