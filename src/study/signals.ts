import type { Matrix } from "../numerics/types.js";
import type { Context } from "./context.js";
import { loaded } from "./context.js";
import { maps } from "./maps.js";
import { CELL_GRID, cellPlaces, firstOf } from "./plan.js";

const CELLS = CELL_GRID.h * CELL_GRID.w;

/*
 * What controls (CKA, RSA, ...) need of a tap, without a second inference. Raw activations, before anything is clipped; padding never enters.
 * Shards are read one after the other, and only the rows asked for are held.
 */

/** Means over the common frame: images x c, for the test images at `images` (places, ascending). */
export async function pooledOf(
  context: Context,
  network: number,
  tap: number,
  images: ArrayLike<number>,
): Promise<Matrix> {
  const places = Array.from(images);
  return gathered(context, network, tap, "pooled", places.length, (first, n) =>
    places.flatMap((x, to) => (x >= first && x < first + n ? [{ to, from: x - first, rows: 1 }] : [])),
  );
}

/**
 * Cells of CELL_GRID over the common frame, for the first `images` of `plan.cellImages`: rows image-major, then row-major: (images x cells) x c; area
 * averages.
 */
export async function cellsOf(context: Context, network: number, tap: number, images: number): Promise<Matrix> {
  let done = 0;
  return gathered(context, network, tap, "cells", images * CELLS, (first, _, shard) => {
    const n = Math.min(cellPlaces(context.plan, shard, first).length, images - done);
    done += n;
    return n === 0 ? [] : [{ to: (done - n) * CELLS, from: 0, rows: n * CELLS }];
  });
}

/** Rows of a shard's table, and where they go. */
interface Range {
  readonly to: number;
  readonly from: number;
  readonly rows: number;
}

async function gathered(
  context: Context,
  network: number,
  tap: number,
  name: string,
  rows: number,
  rangesOf: (first: number, images: number, shard: number) => readonly Range[],
): Promise<Matrix> {
  const { plan, study } = context;
  const cols = study.networks[network]!.taps[tap]!.channels;
  const data = new Float32Array(rows * cols);
  for (const [shard, images] of plan.testShards.entries()) {
    const ranges = rangesOf(firstOf(plan.testShards, shard), images.length, shard);
    if (ranges.length === 0) continue;
    const make = () => maps(context, { networks: [network], shard });
    const { tensors } = await loaded(context, plan.keys.signals(network, shard), make, [`${name}/${tap}`]);
    const table = tensors[`${name}/${tap}`]!.data as Float32Array;
    for (const { to, from, rows: n } of ranges) data.set(table.subarray(from * cols, (from + n) * cols), to * cols);
  }
  return { data, rows, cols };
}
