import { join } from "node:path";
import { seededRandom } from "../../src/numerics/random.js";
import { resizeBilinear } from "../../src/numerics/resize.js";
import type { Figure } from "../figure.js";
import { timed } from "../figure.js";
import { writeNpy } from "../npy.js";

export const figure: Figure = {
  id: "resampling",
  title: "concept maps resampled, bilinear with half-pixel centres; ours sums in double precision",
  async *comparisons(context) {
    const planes = context.quick ? 100 : 5000;
    for (const [from, to] of [
      [28, 56],
      [14, 56],
    ] as const) {
      const random = seededRandom("bench");
      const data = Float32Array.from({ length: planes * from * from }, random);
      const file = join(context.scratch, `${from}.npy`);
      writeNpy(file, data, [planes, from, from]);
      const peer = context.peer("arrays", 1);
      await peer.call("load", { planes: file });
      yield {
        id: `resampling-${from}-${to}`,
        what: `${planes} maps ${from} x ${from} to ${to} x ${to}`,
        cores: 1,
        ours: {
          name: "samesight",
          async run() {
            let sum = 0;
            let out: Float32Array = new Float32Array();
            const seconds = await timed(() => {
              out = resizeBilinear(data, planes, from, from, to, to);
            });
            for (const x of out) sum += x;
            return { seconds, notes: { sum } };
          },
        },
        peers: [peer.contender("torch interpolate", "interpolate_torch", { size: [to, to] })],
      };
    }
  },
};
