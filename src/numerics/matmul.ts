import { modelBytes, node, valueInfo } from "../onnx/build.js";
import type { Engine } from "./engine.js";
import type { Matrix } from "./types.js";

/** A (or its transpose) times B (or its transpose), by one Gemm node of onnxruntime; single precision. Shapes must fit: the engine throws otherwise. */
export async function matmul(
  engine: Engine,
  a: Matrix,
  b: Matrix,
  transpose: { a?: boolean; b?: boolean } = {},
): Promise<Matrix> {
  const ta = transpose.a ? 1 : 0;
  const tb = transpose.b ? 1 : 0;
  const kernel = await engine.shared(`gemm-${ta}${tb}`, () =>
    modelBytes({
      nodes: [node("Gemm", ["a", "b"], ["y"], { transA: ta, transB: tb })],
      inputs: [valueInfo("a", "float32", ["ar", "ac"]), valueInfo("b", "float32", ["br", "bc"])],
      outputs: [valueInfo("y", "float32", ["yr", "yc"])],
    }),
  );
  const { y } = await kernel.run({
    a: { type: "float32", dims: [a.rows, a.cols], data: a.data },
    b: { type: "float32", dims: [b.rows, b.cols], data: b.data },
  });
  return { data: y!.data as Float32Array, rows: ta ? a.cols : a.rows, cols: tb ? b.rows : b.cols };
}
