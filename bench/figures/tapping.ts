import { preprocess } from "../../src/dataset/preprocess.js";
import { readModel } from "../../src/model/read.js";
import { withTaps } from "../../src/model/taps.js";
import { prepareNetwork } from "../../src/node/network.js";
import type { Kernel, TensorValue } from "../../src/numerics/engine.js";
import type { Contender, Figure } from "../figure.js";
import { timed } from "../figure.js";

const NETWORKS = ["ssdlite-mobilenetv2", "centernet-mobilenetv3", "nanodet"];
const RUNS = 20;

export const figure: Figure = {
  id: "tapping",
  title: "one pass that also gives 8 taps, against the same pruned network with its last tensors alone",
  async *comparisons(context) {
    for (const name of context.quick ? NETWORKS.slice(0, 1) : NETWORKS) {
      const engine = context.engine(2);
      const network = await prepareNetwork({ source: `zoo:${name}`, layers: ["auto:8"] }, name, engine);
      const names = network.taps.map((t) => t.name);
      const nodes = (bytes: Uint8Array) => readModel(bytes, name).graph!.node.length;
      const all = nodes(network.tapped);
      // taps without which nodes would be pruned: the ends of the graph
      const ends = names.filter(
        (n) =>
          nodes(
            withTaps(
              network.tapped,
              names.filter((other) => other !== n),
            ),
          ) < all,
      );
      const [tapped, plain] = [
        await engine.compile(network.tapped),
        await engine.compile(withTaps(network.tapped, ends)),
      ];
      const picture = {
        width: 640,
        height: 480,
        data: Uint8Array.from({ length: 640 * 480 * 3 }, (_, i) => (i * 7919) % 251),
      };
      const { input } = preprocess([picture], network.preprocessing);
      const feeds = { [network.inputName]: input };
      yield {
        id: `tapping-${name}`,
        what: `${name}, ${names.length} taps, ${RUNS} images one by one`,
        data: `the plain network ends in ${ends.length} of the taps, ${all} nodes both`,
        cores: 2,
        ours: runs("with taps", tapped, feeds, names),
        peers: [runs("onnxruntime, the same pruned network", plain, feeds, ends)],
        target: 1.15,
      };
      await tapped.release();
      await plain.release();
    }
  },
};

function runs(name: string, kernel: Kernel, feeds: Record<string, TensorValue>, fetches: readonly string[]): Contender {
  return {
    name,
    run: async () => ({
      seconds: await timed(async () => {
        for (let i = 0; i < RUNS; i++) await kernel.run(feeds, fetches);
      }),
    }),
  };
}
