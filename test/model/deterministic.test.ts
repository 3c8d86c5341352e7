/** What `inspect` marks does not hang on the order in which a file lists its nodes, nor on what was looked at before. */
import { describe, expect, test } from "vitest";
import { readModel } from "../../src/model/read.js";
import { summarize } from "../../src/model/summarize.js";
import { loadZooNetwork } from "../../src/node/zoo/load.js";
import { permutation, seededRandom } from "../../src/numerics/random.js";
import { inverted, residual, unet } from "./nets.js";

const zoo = async (name: string) =>
  loadZooNetwork(name).then(
    (n) => n.bytes,
    (cause: Error) =>
      /fetch|network|registry|ENOTFOUND|offline/i.test(cause.message) ? undefined : Promise.reject(cause),
  );
const networks: [string, () => Promise<Uint8Array | undefined>][] = [
  ["residual", async () => residual().bytes(["scores", "boxes"])],
  ["inverted", async () => inverted().bytes(["out"])],
  ["unet", async () => unet().bytes(["mask"])],
  ...["ssdlite-mobilenetv2", "centernet-mobilenetv3", "nanodet"].map(
    (name): [string, () => Promise<Uint8Array | undefined>] => [name, () => zoo(name)],
  ),
];

describe.each(networks)("%s", (name, load) => {
  test("trunk, block ends and depths are the same for any order of the nodes, and twice over", async (context) => {
    const bytes = await load();
    if (!bytes) return context.skip("the registry cannot be reached");
    const seen = (model = readModel(bytes)) =>
      Object.fromEntries(summarize(model, name).tensors.map(({ name: tensor, ...rest }) => [tensor, rest]));
    const first = seen();
    expect(Object.values(first).filter((t) => t.trunk).length).toBeGreaterThan(2);
    // a decoder with skips by concatenation is trunk throughout
    if (name !== "unet") expect(Object.values(first).filter((t) => !t.trunk).length).toBeGreaterThan(0);
    expect(seen()).toEqual(first);
    for (let i = 0; i < 5; i++) {
      const model = readModel(bytes);
      const { node } = model.graph!;
      model.graph!.node = [...permutation(node.length, seededRandom("order", i))].map((at) => node[at]!);
      expect(seen(model)).toEqual(first);
    }
  });
});
