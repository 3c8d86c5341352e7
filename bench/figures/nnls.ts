import { join } from "node:path";
import { nmf } from "../../src/concepts/nmf.js";
import { seededRandom } from "../../src/numerics/random.js";
import type { Tensor4 } from "../../src/numerics/types.js";
import type { Figure } from "../figure.js";
import { timed } from "../figure.js";
import { writeNpy } from "../npy.js";
import { activationRows, photographs } from "../rows.js";

export const figure: Figure = {
  id: "nnls",
  title: "exact non-negative scores of every cell (projection and NNLS): concept maps of a layer",
  async *comparisons(context) {
    const files = photographs().slice(0, context.quick ? 2 : 16);
    if (files.length === 0) return console.log("  no photographs: left out");
    const [k, side] = [10, 32];
    const cells = side * side;
    const engine = context.engine(1);
    const rows = await activationRows(engine, "zoo:centernet-mobilenetv3", "tower_0/CenternetHead/Relu", files, cells);
    const c = rows.cols;
    const { vectors } = await nmf.fit(rows, {
      k,
      engine,
      random: seededRandom("bench"),
      tolerance: 1e-4,
      maxIterations: 400,
    });
    const data = new Float32Array(rows.data.length);
    for (let i = 0; i < files.length; i++)
      for (let x = 0; x < cells; x++)
        for (let j = 0; j < c; j++) data[(i * c + j) * cells + x] = rows.data[(i * cells + x) * c + j]!;
    const activations: Tensor4 = { data, n: files.length, c, h: side, w: side };
    const [a, p] = [join(context.scratch, "a.npy"), join(context.scratch, "p.npy")];
    writeNpy(a, data, [files.length, c, cells]);
    writeNpy(p, vectors.data, [k, c]);
    const peer = context.peer("arrays", 1);
    await peer.call("load", { activations: a, vectors: p });
    yield {
      id: "nnls",
      what: `NNLS maps of ${files.length} images, ${c} channels, ${side} x ${side}, k = ${k}`,
      data: "a layer of CenterNet on COCO photographs, concepts by NMF",
      cores: 1,
      ours: {
        name: "samesight",
        async run() {
          let scores: Tensor4 | undefined;
          const seconds = await timed(async () => {
            scores = await nmf.encode(activations, vectors, engine);
          });
          return { seconds, notes: { sum: scores!.data.reduce((s, x) => s + x, 0) } };
        },
      },
      peers: [
        peer.contender("scipy.optimize.nnls, a cell at a time", "nnls_scipy"),
        peer.contender("scikit-learn NMF.transform (not exact)", "transform_sklearn"),
      ],
    };
  },
};
