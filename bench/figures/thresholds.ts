import { join } from "node:path";
import { thresholds } from "../../src/maps/threshold.js";
import { normal, seededRandom } from "../../src/numerics/random.js";
import type { Figure } from "../figure.js";
import { timed } from "../figure.js";
import { writeNpy } from "../npy.js";

export const figure: Figure = {
  id: "thresholds",
  title:
    "the exact threshold of each concept over all images, as streams that need not fit in memory (three passes) against arrays in memory",
  async *comparisons(context) {
    const [n, k, side] = [context.quick ? 20 : 500, 10, 56];
    const random = seededRandom("bench");
    // concept maps are zero on much of the image
    const data = Float32Array.from({ length: n * k * side * side }, () => Math.max(0, normal(random) - 0.2));
    const file = join(context.scratch, "scores.npy");
    writeNpy(file, data, [n, k, side * side]);
    const peer = context.peer("arrays", 1);
    await peer.call("load", { scores: file });
    const maps = { data, n, c: k, h: side, w: side };
    yield {
      id: "thresholds",
      what: `thresholds of ${k} concepts, ${n} images, ${side} x ${side}`,
      data: "normal values clipped at 0, 58 % zeros",
      cores: 1,
      ours: {
        name: "samesight",
        async run() {
          let sum = 0;
          const seconds = await timed(() => {
            sum = thresholds(maps, 0.1).values.reduce((a, b) => a + b, 0);
          });
          return { seconds, notes: { sum } };
        },
      },
      peers: [
        peer.contender("numpy.quantile (inverted_cdf)", "quantile_numpy", { q: 0.9 }),
        peer.contender("numpy.partition", "partition_numpy", { q: 0.9 }),
      ],
    };
  },
};
