import { floats, ints, modelBytes, node, valueInfo } from "../onnx/build.js";

/**
 * One block of rows of many class-balanced logistic problems, forward and back, as one ONNX graph; p problems over k concepts and d draws of images.
 *   x r x c rows | m r x k soft targets | u r x 1 weights, or r x k | image r, draws n x d: how often an image counts in a draw
 *   concept, draw, own: p indices (own: column of u) | alpha, norm 1 x p | w p x c, b 1 x p
 * Per row and problem: t = norm u draws[image, draw], z = x w + b, s = sigma(z)
 *   bce   loss = sum_r t [alpha m softplus(-z) + (1 - alpha)(1 - m) softplus(z)], d = dloss/dz, grad = d^T x, gradBias = sum d
 *   dice  adds sums i = t m s, a = t s over rows, and the same back-projections of their derivatives
 */
export function logisticGraph(dice: boolean): Uint8Array {
  const common = [
    node("Gather", ["m", "concept"], ["ms"], { axis: 1 }),
    node("Gather", ["draws", "image"], ["drawn"], { axis: 0 }),
    node("Gather", ["drawn", "draw"], ["times"], { axis: 1 }),
    node("Mul", ["times", "norm"], ["scaled"]),
    node("Gather", ["u", "own"], ["us"], { axis: 1 }),
    node("Mul", ["scaled", "us"], ["t"]),
    node("Gemm", ["x", "w", "b"], ["z"], { transB: 1 }),
    node("Sigmoid", ["z"], ["s"]),
    node("Mul", ["t", "alpha"], ["ta"]),
    node("Mul", ["ta", "ms"], ["pos"]),
    node("Sub", ["one", "alpha"], ["beta"]),
    node("Sub", ["one", "ms"], ["rest"]),
    node("Mul", ["t", "beta"], ["tb"]),
    node("Mul", ["tb", "rest"], ["neg"]),
    node("Add", ["pos", "neg"], ["both"]),
    node("Neg", ["z"], ["minus"]),
    node("Softplus", ["minus"], ["soft"]),
    node("Mul", ["both", "soft"], ["lossA"]),
    node("Mul", ["neg", "z"], ["lossB"]),
    node("Add", ["lossA", "lossB"], ["lossRows"]),
    node("ReduceSum", ["lossRows", "rows"], ["loss"], { keepdims: 0 }),
    node("Mul", ["both", "s"], ["fit"]),
    node("Sub", ["fit", "pos"], ["d"]),
    node("Gemm", ["d", "x"], ["grad"], { transA: 1 }),
    node("ReduceSum", ["d", "rows"], ["gradBias"], { keepdims: 0 }),
  ];
  const more = [
    node("Mul", ["t", "s"], ["ts"]),
    node("Mul", ["ts", "ms"], ["tms"]),
    node("ReduceSum", ["tms", "rows"], ["i"], { keepdims: 0 }),
    node("ReduceSum", ["ts", "rows"], ["a"], { keepdims: 0 }),
    node("Sub", ["one", "s"], ["off"]),
    node("Mul", ["ts", "off"], ["da"]),
    node("Mul", ["da", "ms"], ["di"]),
    node("Gemm", ["di", "x"], ["gradI"], { transA: 1 }),
    node("Gemm", ["da", "x"], ["gradA"], { transA: 1 }),
    node("ReduceSum", ["di", "rows"], ["biasI"], { keepdims: 0 }),
    node("ReduceSum", ["da", "rows"], ["biasA"], { keepdims: 0 }),
  ];
  const f = (name: string, dims: (string | number)[]) => valueInfo(name, "float32", dims);
  const i = (name: string, dims: (string | number)[]) => valueInfo(name, "int64", dims);
  return modelBytes({
    nodes: dice ? [...common, ...more] : common,
    inputs: [
      f("x", ["r", "c"]),
      f("m", ["r", "k"]),
      f("u", ["r", "v"]),
      valueInfo("image", "int32", ["r"]),
      f("draws", ["n", "d"]),
      i("concept", ["p"]),
      i("draw", ["p"]),
      i("own", ["p"]),
      f("alpha", [1, "p"]),
      f("norm", [1, "p"]),
      f("w", ["p", "c"]),
      f("b", [1, "p"]),
    ],
    outputs: [
      f("loss", ["p"]),
      f("grad", ["p", "c"]),
      f("gradBias", ["p"]),
      ...(dice
        ? [
            f("i", ["p"]),
            f("a", ["p"]),
            f("gradI", ["p", "c"]),
            f("gradA", ["p", "c"]),
            f("biasI", ["p"]),
            f("biasA", ["p"]),
          ]
        : []),
    ],
    initializers: [floats("one", [], [1]), ints("rows", [1], [0])],
  });
}
