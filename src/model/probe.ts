import { create } from "@bufbuild/protobuf";
import type { Engine, TensorValue } from "../numerics/engine.js";
import { ints, node } from "../onnx/build.js";
import { ValueInfoProtoSchema } from "../onnx/onnx_pb.js";
import { indexGraph } from "./graph.js";
import type { PlaneLayout } from "./layout.js";
import { layoutsOf } from "./layout.js";
import { readPart, writeModel } from "./read.js";
import { prunedTo } from "./taps.js";
import type { Tap, TensorInfo } from "./types.js";

const FEWEST_CHANNELS = 4;
/** Class and distillation tokens that may come before those of the grid. */
const EXTRA_TOKENS = [0, 1, 2];
const FLOATING: ReadonlySet<string> = new Set(["float32", "float16", "float64"]);
const PREFIX = "samesight.probe.";

/**
 * Runs one image and keeps the tensors that are feature maps (floating point, at least 4 channels on a grid of at least 2 x 2 cells), with
 * their shapes. Each candidate's shape and first value are read inside the graph, so that one run serves all and no activation outlives
 * its use. `input`: batch of one, in the network's `layout`. Throws what the engine throws.
 */
export async function probeTaps(
  engine: Engine,
  bytes: Uint8Array,
  candidates: readonly TensorInfo[],
  inputName: string,
  input: TensorValue,
  layout: "NCHW" | "NHWC",
): Promise<Tap[]> {
  if (candidates.length === 0) return [];
  const { model, layouts } = withShapes(
    bytes,
    candidates.map((t) => t.name),
  );
  const kernel = await engine.compile(model);
  let out: Record<string, TensorValue>;
  try {
    out = await kernel.run({ [inputName]: input });
  } finally {
    await kernel.release();
  }
  const size = layout === "NCHW" ? { h: input.dims[2]!, w: input.dims[3]! } : { h: input.dims[1]!, w: input.dims[2]! };
  return candidates.flatMap((tensor, i) => {
    const shape = Array.from(out[`${PREFIX}${i}.shape`]!.data as BigInt64Array, Number);
    if (!FLOATING.has(out[`${PREFIX}${i}.first`]!.type)) return [];
    return asTap(tensor, shape, layouts.get(tensor.name), size) ?? [];
  });
}

function withShapes(
  bytes: Uint8Array,
  names: readonly string[],
): { model: Uint8Array; layouts: Map<string, PlaneLayout> } {
  const source = readPart(bytes);
  const index = indexGraph(source.graph!);
  const model = prunedTo(source, index, names);
  const graph = model.graph!;
  graph.initializer.push(ints(`${PREFIX}flat`, [1], [-1]), ints(`${PREFIX}0`, [1], [0]), ints(`${PREFIX}1`, [1], [1]));
  const outputs: string[] = [];
  for (const [i, name] of names.entries()) {
    const [shape, flat, first] = ["shape", "values", "first"].map((s) => `${PREFIX}${i}.${s}`) as [
      string,
      string,
      string,
    ];
    graph.node.push(
      node("Shape", [name], [shape]),
      node("Reshape", [name, `${PREFIX}flat`], [flat]),
      node("Slice", [flat, `${PREFIX}0`, `${PREFIX}1`], [first]), // tells the type, and unlike Gather bears an empty tensor
    );
    outputs.push(shape, first);
  }
  graph.output = outputs.map((name) => create(ValueInfoProtoSchema, { name }));
  return { model: writeModel(model), layouts: layoutsOf(index) };
}

interface Size {
  readonly h: number;
  readonly w: number;
}

function asTap(
  tensor: TensorInfo,
  shape: readonly number[],
  known: PlaneLayout | undefined,
  size: Size,
): Tap | undefined {
  if (shape[0] !== 1 || known === "other") return undefined;
  if (shape.length === 4) {
    const [, a, b, c] = shape as [number, number, number, number];
    const layout = known ?? (fits(b, c, size) ? "NCHW" : fits(a, b, size) ? "NHWC" : undefined);
    if (layout === "NCHW") return make(tensor, layout, a, b, c, size);
    if (layout === "NHWC") return make(tensor, layout, c, a, b, size);
  }
  if (shape.length === 3) {
    for (const extra of EXTRA_TOKENS) {
      const grid = gridOf(shape[1]! - extra, size);
      if (grid) return make(tensor, "NTD", shape[2]!, grid.h, grid.w, size);
    }
  }
  return undefined;
}

/** Whether a grid has the aspect of the image, up to a cell: what has not is a table of boxes or scores. */
function fits(height: number, width: number, size: Size): boolean {
  return Math.abs((height * size.w) / size.h - width) < 1 || Math.abs((width * size.h) / size.w - height) < 1;
}

/** The grid of so many cells that has exactly the aspect of the image. */
function gridOf(cells: number, size: Size): Size | undefined {
  const h = Math.round(Math.sqrt((cells * size.h) / size.w));
  const w = h > 0 ? cells / h : 0;
  return Number.isInteger(w) && fits(h, w, size) ? { h, w } : undefined;
}

function make(
  tensor: TensorInfo,
  layout: Tap["layout"],
  channels: number,
  height: number,
  width: number,
  size: Size,
): Tap | undefined {
  if (channels < FEWEST_CHANNELS || Math.min(height, width) < 2) return undefined;
  return { ...tensor, layout, channels, height, width, stride: [size.h / height, size.w / width] };
}
