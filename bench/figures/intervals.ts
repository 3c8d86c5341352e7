import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheDir } from "../../src/node/zoo/fetch.js";
import type { Figure } from "../figure.js";
import { timed } from "../figure.js";
import { photographs } from "../rows.js";

const NETWORKS = ["ssdlite-mobilenetv2", "centernet-mobilenetv3", "nanodet"];
const RESAMPLES = 1000;

/** What 1,000 resamples add to a run: the same study again from a warm store, with and without them; against the run from nothing. */
export const figure: Figure = {
  id: "intervals",
  title: "1,000 resamples of all cells and summaries, as a part of the run from nothing",
  async *comparisons(context) {
    const [first] = photographs();
    if (first === undefined || !existsSync(first)) return;
    const cache = join(context.scratch, "cache");
    const cli = resolve(import.meta.dirname, "../../dist/cli/main.js");
    const study = (resamples: number) => {
      const zoo = NETWORKS.map((n) => `zoo:${n}`);
      const where = ["--images", join(first, ".."), "--cache", cache, "--out", join(context.scratch, "out")];
      const flags = [...where, "--layers", "auto:8", "--bootstrap", `${resamples}`, "--quiet"];
      const few = context.quick ? ["--max-images", "16"] : [];
      return timed(() =>
        execFileSync(process.execPath, [cli, "compare", ...zoo, ...flags, ...few], { stdio: "ignore" }),
      );
    };
    const empty = () => {
      rmSync(cache, { recursive: true, force: true });
      mkdirSync(cache, { recursive: true });
      symlinkSync(join(cacheDir(), "packages"), join(cache, "packages"));
    };
    /** Each run of ours needs a number of resamples that the store has not seen. */
    let fresh = 0;
    yield {
      id: "intervals-share",
      what: `${RESAMPLES.toLocaleString("en")} resamples, 3 detectors of 8 taps, 128 photographs`,
      data: "two workers both; ours is what the resamples add when everything before the similarities is in the store",
      cores: 2,
      ours: {
        name: "samesight, resamples alone",
        async run() {
          fresh++;
          if (!existsSync(join(cache, "store"))) {
            empty();
            await study(0);
          }
          const without = await study(fresh); // a few resamples: all else that a row of pairs costs
          return { seconds: (await study(RESAMPLES + fresh)) - without, notes: { without } };
        },
      },
      peers: [
        {
          name: "samesight, the whole run from an empty store",
          async run() {
            empty();
            return { seconds: await study(RESAMPLES) };
          },
        },
      ],
      target: 0.1,
      warmup: false,
    };
  },
};
