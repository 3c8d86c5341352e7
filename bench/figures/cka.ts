import { join } from "node:path";
import { ckaFromHsic, createCkaStream } from "../../src/numerics/ckastream.js";
import { normal, seededRandom } from "../../src/numerics/random.js";
import type { Figure } from "../figure.js";
import { timed } from "../figure.js";
import { writeNpy } from "../npy.js";

const WIDTHS = [
  24, 32, 48, 64, 96, 96, 128, 128, 160, 160, 192, 192, 256, 256, 256, 320, 320, 384, 384, 448, 480, 512, 576, 672,
];

export const figure: Figure = {
  id: "cka",
  title: "debiased CKA between 24 taps of 24 to 672 channels from batches of samples, the minibatch estimate",
  async *comparisons(context) {
    const [samples, size] = [context.quick ? 512 : 12_800, 256];
    const random = seededRandom("bench");
    const batch = WIDTHS.map((cols) => ({
      data: Float32Array.from({ length: size * cols }, () => normal(random)),
      rows: size,
      cols,
    }));
    const files = batch.map((x, i) => {
      const file = join(context.scratch, `${i}.npy`);
      writeNpy(file, x.data, [size, x.cols]);
      return file;
    });
    for (const cores of [1, 2]) {
      const peer = context.peer("arrays", cores);
      const engine = context.engine(cores);
      const args = { samples, batch: size, widths: files };
      yield {
        id: `cka-${cores}`,
        what: `CKA of ${WIDTHS.length} taps, ${samples.toLocaleString("en")} samples in batches of ${size}`,
        data: "normal values",
        cores,
        ours: {
          name: "samesight",
          async run() {
            let cka = 0;
            const seconds = await timed(async () => {
              const stream = createCkaStream(engine, WIDTHS.length);
              for (let at = 0; at < samples; at += size) await stream.add(batch);
              cka = ckaFromHsic(stream.hsic).data[1]!;
            });
            return { seconds, notes: { cka } };
          },
        },
        peers: [
          peer.contender("numpy, pair by pair", "cka_numpy", { ...args, form: "formula" }),
          peer.contender("numpy, our algebra (one product of all taps)", "cka_numpy", { ...args, form: "stacked" }),
        ],
        against: "first",
        target: 0.5,
      };
    }
  },
};
