import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { preprocess } from "../../src/dataset/preprocess.js";
import { decodePicture, listImages } from "../../src/node/images.js";
import { prepareNetwork } from "../../src/node/network.js";
import { cacheDir } from "../../src/node/zoo/fetch.js";
import type { Figure } from "../figure.js";
import { timed } from "../figure.js";

const NETWORKS = ["ssdlite-mobilenetv2", "centernet-mobilenetv3", "nanodet"];
const data = process.env.SAMESIGHT_TEST_DATA ?? resolve(import.meta.dirname, "../../../shared/data");

/** The whole study from an empty store as a command, against nothing but decoding each photograph and running the same pruned networks on it. */
export const figure: Figure = {
  id: "study",
  title: "a whole study from nothing, against decoding and inference alone",
  async *comparisons(context) {
    const photographs = join(data, "coco128/images/train2017");
    if (!existsSync(photographs)) return;
    const engine = context.engine(2);
    const networks: Awaited<ReturnType<typeof prepareNetwork>>[] = [];
    for (const name of NETWORKS)
      networks.push(await prepareNetwork({ source: `zoo:${name}`, layers: ["auto:8"] }, name, engine));
    const { images } = await listImages(photographs);
    const some = context.quick ? images.slice(0, 16) : images;
    yield {
      id: "study-128",
      what: `3 detectors, ${networks.map((n) => n.taps.length).join(" + ")} taps, ${some.length} photographs`,
      data: "COCO photographs, 60 % to mine from; ours is the whole command with report, two workers; the peer has two threads in each operator",
      cores: 2,
      ours: {
        name: "samesight compare, empty store",
        run: async () => {
          const cache = join(context.scratch, "cache");
          mkdirSync(cache, { recursive: true });
          symlinkSync(join(cacheDir(), "packages"), join(cache, "packages"));
          const cli = resolve(import.meta.dirname, "../../dist/cli/main.js");
          const flags = [
            "--images",
            photographs,
            "--layers",
            "auto:8",
            "--cache",
            cache,
            "--out",
            join(context.scratch, "out"),
          ];
          const few = context.quick ? ["--max-images", "8"] : [];
          const zoo = NETWORKS.map((n) => `zoo:${n}`);
          const seconds = await timed(() =>
            execFileSync(process.execPath, [cli, "compare", ...zoo, ...flags, ...few, "--quiet"], { stdio: "ignore" }),
          );
          rmSync(cache, { recursive: true });
          return { seconds };
        },
      },
      peers: [
        {
          name: "decoding and inference alone",
          run: async () => ({
            seconds: await timed(async () => {
              const kernels = [];
              for (const n of networks) kernels.push(await engine.compile(n.tapped));
              for (const image of some) {
                const picture = await decodePicture(image);
                for (const [i, n] of networks.entries()) {
                  const { input } = preprocess([picture], n.preprocessing);
                  await kernels[i]!.run({ [n.inputName]: input }, [n.taps.at(-1)!.name]);
                }
              }
              for (const kernel of kernels) await kernel.release();
            }),
          }),
        },
      ],
      target: 2,
      warmup: false,
    };
  },
};
