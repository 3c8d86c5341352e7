import { create } from "@bufbuild/protobuf";
import { ints, node, valueInfo } from "../onnx/build.js";
import { ValueInfoProtoSchema } from "../onnx/onnx_pb.js";
import { readPart, writeModel } from "./read.js";
import type { Tap } from "./types.js";

const PREFIX = "samesight.rows.";

/** A network that gives sampled rows, and for each tap the names of its further input and its output. */
export interface SampledNetwork {
  readonly bytes: Uint8Array;
  readonly cells: readonly string[];
  readonly rows: readonly string[];
}

/**
 * A tapped network that gives some cells of each tap instead of the whole tap. A further input a tap names the cells (1 x r, int32, row-major in its grid,
 * counted back from the end: -1 is the last), an output gives their channels: c x r where the tap is NCHW, else r x c. So only what is sampled leaves the
 * runtime, which copies whatever it hands out. One image a run; pure.
 */
export function withSampledRows(tapped: Uint8Array, taps: readonly Tap[]): SampledNetwork {
  const model = readPart(tapped);
  const graph = model.graph!;
  graph.output = [];
  for (const [t, tap] of taps.entries()) {
    const name = (part: string) => `${PREFIX}${t}.${part}`;
    const first = tap.layout === "NCHW";
    // tokens that are no place come first: counted from the end, cells are where they are in any layout
    const flat = first ? [tap.channels, tap.height * tap.width] : [-1, tap.channels];
    graph.initializer.push(
      ints(name("flat shape"), [2], flat),
      ints(name("cells shape"), [2], first ? [tap.channels, 1] : [1, tap.channels]),
      ints(name("column"), [2], [-1, 1]),
    );
    const index = first ? name("cells") : name("cells column");
    if (!first) graph.node.push(node("Reshape", [name("cells"), name("column")], [index]));
    graph.node.push(
      node("Reshape", [tap.name, name("flat shape")], [name("flat")]),
      // GatherElements with the cells repeated takes a third of the time of Gather, which copies value by value
      node("Expand", [index, name("cells shape")], [name("cells repeated")]),
      node("GatherElements", [name("flat"), name("cells repeated")], [name("rows")], { axis: first ? 1 : 0 }),
    );
    graph.input.push(valueInfo(name("cells"), "int32", [1, name("r")]));
    graph.output.push(create(ValueInfoProtoSchema, { name: name("rows") }));
  }
  return {
    bytes: writeModel(model),
    cells: taps.map((_, t) => `${PREFIX}${t}.cells`),
    rows: taps.map((_, t) => `${PREFIX}${t}.rows`),
  };
}
