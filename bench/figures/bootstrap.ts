import { join } from "node:path";
import { bootstrapWeights } from "../../src/numerics/bootstrap.js";
import { seededRandom } from "../../src/numerics/random.js";
import { standardDeviation } from "../../src/numerics/statistics.js";
import type { PairCounts } from "../../src/similarity/intervals.js";
import { similarityInterval } from "../../src/similarity/intervals.js";
import type { Figure } from "../figure.js";
import { timed } from "../figure.js";
import { writeNpy } from "../npy.js";

export const figure: Figure = {
  id: "bootstrap",
  title: "layer similarity of resampled test images, the same resamples for all pairs of layers",
  async *comparisons(context) {
    const [n, k, cells, resamples] = [500, 10, 784, 1000];
    const pairs = context.quick ? 10 : 300;
    const random = seededRandom("bench");
    const whole = (length: number, most: number) => Uint32Array.from({ length }, () => Math.floor(random() * most));
    const counts: PairCounts = {
      n,
      ka: k,
      kb: k,
      cells,
      intersections: whole(n * k * k, 40),
      areasA: whole(n * k, 160),
      areasB: whole(n * k, 160),
    };
    const files: Record<string, string> = {};
    for (const name of ["intersections", "areasA", "areasB"] as const) {
      files[name] = join(context.scratch, `${name}.npy`);
      writeNpy(files[name]!, counts[name], name === "intersections" ? [n, k, k] : [n, k]);
    }
    const peer = context.peer("arrays", 1);
    await peer.call("load", files);
    const engine = context.engine(1);
    yield {
      id: "bootstrap",
      what: `${resamples.toLocaleString("en")} resamples of ${n} images, ${pairs} pairs of layers of ${k} concepts`,
      cores: 1,
      ours: {
        name: "samesight",
        async run() {
          let values = new Float64Array();
          const seconds = await timed(async () => {
            const weights = bootstrapWeights(n, resamples, seededRandom("bench"));
            for (let p = 0; p < pairs; p++)
              values = Float64Array.from((await similarityInterval(counts, 0, weights, engine)).values);
          });
          return { seconds, notes: { sd: standardDeviation(values) } };
        },
      },
      peers: [peer.contender("numpy, vectorised", "bootstrap_numpy", { cells, pairs, resamples })],
    };
  },
};
