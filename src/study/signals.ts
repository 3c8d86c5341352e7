import type { Matrix } from "../numerics/types.js";
import type { Context } from "./context.js";
import { loaded } from "./context.js";
import { maps } from "./maps.js";
import { CELL_GRID } from "./plan.js";

const CELLS = CELL_GRID.h * CELL_GRID.w;

/** What controls (CKA, RSA, ...) need of a tap, without a second inference. Raw activations, before anything is clipped; padding never enters. */
export interface Signals {
  /** n_test x c: mean over the common frame. */
  readonly pooled: Matrix;
  /** Rows image-major, then the cells of CELL_GRID over the common frame, row-major: (images x cells) x c; area averages. */
  readonly cells: Matrix;
  /** Places of the test images of which `cells` tells. */
  readonly images: Int32Array;
}

/** Signals of one tap over all test images. */
export async function signalsOf(context: Context, network: number, tap: number): Promise<Signals> {
  const { plan, study } = context;
  const cols = study.networks[network]!.taps[tap]!.channels;
  const pooled = new Float32Array(study.test.length * cols);
  const cells = new Float32Array(plan.cellImages.length * CELLS * cols);
  let [atPooled, atCells] = [0, 0];
  for (const shard of plan.testShards.keys()) {
    const { tensors } = await loaded(
      context,
      plan.keys.signals(network, shard),
      () => maps(context, { networks: [network], shard }),
      [`pooled/${tap}`, `cells/${tap}`],
    );
    const [some, more] = [tensors[`pooled/${tap}`]!.data, tensors[`cells/${tap}`]!.data];
    pooled.set(some as Float32Array, atPooled);
    cells.set(more as Float32Array, atCells);
    atPooled += some.length;
    atCells += more.length;
  }
  const matrix = (data: Float32Array): Matrix => ({ data, rows: data.length / cols, cols });
  return { pooled: matrix(pooled), cells: matrix(cells), images: plan.cellImages };
}
