/** What a user can get wrong, through the command line: one line of what and where, one of what to do, exit code 1, and nothing left behind. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { readModel, writeModel } from "../../src/model/read.js";
import { floats, modelBytes, node, valueInfo } from "../../src/onnx/build.js";
import type { NodeProto, TensorProto } from "../../src/onnx/onnx_pb.js";
import { StringStringEntryProtoSchema, TensorProto_DataLocation } from "../../src/onnx/onnx_pb.js";
import { residual } from "../model/nets.js";
import { cmykTiff } from "../node/folder.js";
import { discs, emptyFolder, filesBelow, networks, ownStore, photographs, SMALL, samesight } from "./support.js";

const store = ownStore();
const net = networks();
let images = "";
beforeAll(async () => {
  images = await photographs(14);
});

interface Refused {
  readonly message: RegExp;
  readonly hint: RegExp;
}

/** Runs a command that must be refused; `{out}` in `argv` is a folder that must stay empty. */
async function refused(argv: readonly string[], { message, hint }: Refused): Promise<void> {
  const out = join(emptyFolder("out"), "run");
  const outcome = await samesight(argv.map((a) => a.replace("{out}", out)));
  const lines = outcome.err.trimEnd().split("\n");
  const said = lines.slice(-2);
  expect(outcome, outcome.err).toMatchObject({ code: 1, out: "" });
  expect(said[0]).toMatch(/^error: /);
  expect(said[0]).toMatch(message);
  expect(said[1]).toMatch(/^ {2}\S/);
  expect(said[1]).toMatch(hint);
  expect(outcome.err).not.toMatch(/^\s+at /m);
  expect(filesBelow(out)).toEqual([]);
  expect(filesBelow(store).filter((f) => f.endsWith(".part"))).toEqual([]);
}

/** `--layers` given twice asks for both, so a default of these tests stands back. */
const compare = (...given: string[]) => [
  "compare",
  ...given,
  "--images",
  images,
  ...(given.includes("--layers") ? ["--concepts", "3"] : SMALL),
  "--out",
  "{out}",
];
const written = (name: string, bytes: Uint8Array | string) => {
  const path = join(emptyFolder("bad"), name);
  writeFileSync(path, bytes);
  return path;
};

describe("networks", () => {
  const image = valueInfo("image", "float32", ["batch", 3, 32, 32]);
  const onnx = (nodes: NodeProto[], initializers: TensorProto[] = []) =>
    written("bad.onnx", modelBytes({ nodes, inputs: [image], outputs: ["y"], initializers }));
  const kernel = floats("w", [8, 3, 1, 1], Array(24).fill(0.1));

  test("a path that does not exist", () =>
    refused(compare("nowhere/net.onnx"), { message: /no file at nowhere\/net\.onnx/, hint: /\.onnx file/ }));
  test("a folder", () => refused(compare(net.dir), { message: /is a folder, expected an \.onnx file/, hint: /./ }));
  test.each([
    ["text", "import torch\n".repeat(40)],
    ["nothing", ""],
    ["half of a network", residual().bytes(["boxes"]).subarray(0, 3000)],
  ])("%s named .onnx", (_, bytes) =>
    refused(compare(written("bad.onnx", bytes)), { message: /bad\.onnx: .*(not an ONNX network|empty)/, hint: /./ }),
  );
  test.each([
    ["a PyTorch checkpoint", "PK\x03\x04archive/data.pkl", /PyTorch checkpoint.*torch\.onnx\.export/],
    ["an old one", Buffer.from("\x80\x02}q\x00.", "latin1"), /pickle.*torch\.onnx\.export/],
    ["a Keras file", Buffer.from("\x89HDF\r\n\x1a\n", "latin1"), /HDF5.*tf2onnx/],
  ])("%s: the way from there", (_, bytes, hint) =>
    refused(compare(written("model.pt", bytes)), { message: /model\.pt: not an ONNX network/, hint }),
  );
  test("a network where a study is expected", () =>
    refused(["run", net.residual, "--out", "{out}"], { message: /is a network, expected a study/, hint: /compare/ }));
  test("a misspelt key that must be there", () =>
    refused(["run", written("study.yaml", "networks: [{sorce: a.onnx}]\nimages: p\n"), "--out", "{out}"], {
      message: /study\.yaml:1:\d+: unknown key 'networks\.0\.sorce'/,
      hint: /'source'/,
    }));
  test("a cycle", () =>
    refused(
      compare(onnx([node("Add", ["image", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Relu", ["b"], ["y"])])),
      {
        message: /bad\.onnx: .*cycle.*'a'/,
        hint: /./,
      },
    ));
  test("a missing initializer", () =>
    refused(compare(onnx([node("Conv", ["image", "conv1.weight"], ["y"], {}, "conv1")])), {
      message: /node 'conv1' \(Conv\) reads 'conv1\.weight'/,
      hint: /./,
    }));
  test("an unknown operator", () =>
    refused(compare(onnx([node("Deform", ["image"], ["y"], {}, "block3")])), {
      message: /'block3' uses the unknown operator Deform/,
      hint: /./,
    }));
  test("external data outside of its folder, by name and by a link", async () => {
    const root = emptyFolder("external");
    const path = join(root, "net", "net.onnx");
    const spoilt = (location: string) => {
      const model = readModel(residual().bytes(["boxes"]));
      const first = model.graph!.initializer[0]!;
      writeFileSync(join(root, "weights.bin"), first.rawData!);
      first.externalData = [create(StringStringEntryProtoSchema, { key: "location", value: location })];
      first.dataLocation = TensorProto_DataLocation.EXTERNAL;
      first.rawData = new Uint8Array();
      mkdirSync(join(root, "net"), { recursive: true });
      writeFileSync(path, writeModel(model));
    };
    spoilt("../weights.bin");
    await refused(compare(path), { message: /net\.onnx: .*'\.\.\/weights\.bin'/, hint: /./ });
    spoilt("link.bin");
    symlinkSync(join(root, "weights.bin"), join(root, "net", "link.bin"));
    await refused(compare(path), { message: /'link\.bin' lies outside the network's folder/, hint: /beside/ });
    spoilt("gone.bin");
    await refused(compare(path), { message: /'gone\.bin' is not there/, hint: /beside/ });
  });
  test("no image goes in", () =>
    refused(
      compare(
        written(
          "table.onnx",
          modelBytes({
            nodes: [node("Relu", ["x"], ["y"])],
            inputs: [valueInfo("x", "float32", [1, 10])],
            outputs: ["y"],
          }),
        ),
      ),
      { message: /no inputs with four/, hint: /./ },
    ));
  test("shapes that do not fit each other, known only when it runs", () =>
    refused(compare(onnx([node("Conv", ["image", "w"], ["c"]), node("Conv", ["c", "w"], ["y"])], [kernel])), {
      message: /onnxruntime|does not run/,
      hint: /./,
    }));
  test("a name that the zoo does not have", () =>
    refused(compare("zoo:nanodett"), {
      message: /the zoo has no network 'nanodett'/,
      hint: /Did you mean zoo:nanodet\?/,
    }));
  test("a layer with a typo, and a pattern that matches none", async () => {
    await refused(compare(net.residual, "--layers", "stem.akt"), {
      message: /no layer is called 'stem\.akt'/,
      hint: /'stem\.act'/,
    });
    await refused(compare(net.residual, "--layers", "encoder.*"), {
      message: /no layer matches 'encoder\.\*'/,
      hint: /inspect/,
    });
  });
  test("a layer that is never anything but zero", () => {
    const dead = [
      node("Conv", ["image", "w"], ["c"]),
      node("Abs", ["c"], ["positive"]),
      node("Neg", ["positive"], ["negative"]),
      node("Relu", ["negative"], ["y"]),
    ];
    return refused(compare(onnx(dead, [kernel]), "--layers", "y"), {
      message: /bad: layer 'y', its only one, is zero on all images to fit/,
      hint: /dead|another layer/,
    });
  });
  test("activations that are not numbers", () => {
    const nan = [
      node("Conv", ["image", "w"], ["c"]),
      node("Neg", ["c"], ["negative"]),
      node("Sub", ["negative", "one"], ["below"]),
      node("Sqrt", ["below"], ["y"]),
    ];
    return refused(compare(onnx(nan, [kernel, floats("one", [1], [1])]), "--layers", "y"), {
      message: /bad, layer 'y': .*not finite/,
      hint: /preprocess/,
    });
  });
});

describe("photographs", () => {
  const of = (dir: string, ...more: string[]) => ["compare", net.residual, "--images", dir, ...more, "--out", "{out}"];
  test("a path that does not exist", () =>
    refused(of("/nowhere/photographs"), { message: /no folder at \/nowhere\/photographs/, hint: /--images/ }));
  test.each([
    ["photos.zip", /Unpack it/],
    ["film.mp4", /ffmpeg/],
    ["photo.jpg", /folder that holds it/],
  ])("%s in place of a folder", (name, hint) =>
    refused(of(written(name, "x")), { message: /is a file, expected a folder of photographs/, hint }),
  );
  test("results where a file lies are refused before any work", async () => {
    const file = written("file", "x");
    const given = ["compare", net.residual, "--images", images, "--out", join(file, "run")];
    const outcome = await samesight(given);
    expect(outcome).toMatchObject({ code: 1, out: "" });
    expect(outcome.err).toBe(
      `error: cannot write to ${join(file, "run")}: ${file} is a file\n  Choose another --out or mend the permissions.\n`,
    );
  });
  test.skipIf(process.platform !== "linux").each(["/proc/results", "/sys/results", "/proc/self/fd/results/run"])(
    "results below %s, where mkdir says yes or never ends, are refused before any work",
    async (out) => {
      const outcome = await samesight(["compare", net.residual, "--images", images, "--out", out]);
      expect(outcome).toMatchObject({ code: 1, out: "" });
      expect(outcome.err).toMatch(
        /^error: cannot write to \S+: \S+ may not be written \(E[A-Z]+\)\n {2}Choose another --out or mend the permissions.\n$/,
      );
    },
  );
  test.skipIf(process.platform !== "linux")("and so is a cache there", async () => {
    const cache = ["--cache", "/proc/cache"];
    for (const network of [net.residual, "zoo:nanodet"]) {
      const outcome = await samesight([
        "compare",
        network,
        "--images",
        images,
        "--out",
        join(emptyFolder(), "out"),
        ...cache,
      ]);
      expect(outcome).toMatchObject({ code: 1, out: "" });
      expect(outcome.err).toMatch(
        /^error: cannot write to \/proc\/cache\S*: \/proc may not be written \(E[A-Z]+\)\n {2}Choose another --cache /,
      );
    }
  });
  test("an empty folder", () =>
    refused(of(emptyFolder()), { message: /no photographs in .*: it holds no JPEG/, hint: /--images/ }));
  test("none given", () =>
    refused(["compare", net.residual, "--out", "{out}"], { message: /no photographs are given/, hint: /--images/ }));
  test("too few", async () =>
    refused(of(await photographs(5)), {
      message: /too few images: \d to fit and \d to test, at least 4 and 4/,
      hint: /more photographs/,
    }));
  test("one folder to fit and to test", async () =>
    refused(of(images, "--test-images", images), { message: /'p000\.png' is both/, hint: /Remove it/ }));
  test("nothing but what cannot be used", async () => {
    const dir = emptyFolder();
    writeFileSync(join(dir, "note.jpg"), "not a photograph");
    await refused(of(dir), { message: /none of its 1 image files can be used \(note\.jpg: not an image\)/, hint: /./ });
  });

  test("what cannot be used among good ones is left out, listed and counted: exit code 2; odd but readable kinds are used", async () => {
    const dir = await photographs(14);
    const jpeg = await discs("torn", 200, 150).jpeg().toBuffer();
    writeFileSync(join(dir, "torn.jpg"), jpeg.subarray(0, jpeg.length * 0.6));
    writeFileSync(join(dir, "text.jpg"), "not a photograph");
    await sharp({ create: { width: 1, height: 1, channels: 3, background: "red" } }).toFile(join(dir, "one.png"));
    await sharp({ create: { width: 10_000, height: 10_000, channels: 3, background: "#123" } }).toFile(
      join(dir, "huge.png"),
    );
    writeFileSync(join(dir, "cmyk.tiff"), cmykTiff(48, [200, 20, 90, 10]));
    await discs("deep").toColourspace("rgb16").png().toFile(join(dir, "deep.png"));
    await discs("grey").toColourspace("b-w").jpeg().toFile(join(dir, "grey.jpg"));
    const out = join(emptyFolder("out"), "run");
    const outcome = await samesight(["compare", net.residual, "--images", dir, ...SMALL, "--out", out]);
    expect(outcome.code, outcome.err).toBe(2);
    const run = JSON.parse(readFileSync(join(out, "run.json"), "utf8"));
    expect(run.dataset.fit + run.dataset.test).toBe(14 + 3);
    expect(run.dataset.skipped).toEqual([
      { path: "huge.png", reason: expect.stringMatching(/larger than 64 megapixels/) },
      { path: "one.png", reason: expect.stringMatching(/smaller than 16 pixels/) },
      { path: "text.jpg", reason: "not an image" },
      { path: "torn.jpg", reason: expect.stringMatching(/^damaged/) },
    ]);
    for (const name of ["huge.png", "one.png", "text.jpg", "torn.jpg"])
      expect(outcome.err).toMatch(new RegExp(`^skipped ${name}: .`, "m"));
    expect(run.peakMemoryBytes).toBeLessThan(1.2e9);
  });
});

describe("studies and flags", () => {
  const study = (text: string) => ["run", written("study.yaml", text), "--out", "{out}"];
  test("a study file that does not exist", () =>
    refused(["run", "nowhere.yaml", "--out", "{out}"], { message: /no file at nowhere\.yaml/, hint: /YAML/ }));
  test("that is not YAML", () =>
    refused(study("networks: [\n  {source: a"), { message: /study\.yaml:\d+:\d+: ./, hint: /YAML or JSON/ }));
  test("with an unknown key", () =>
    refused(study("networks:\n  - source: a.onnx\nimagess: x\n"), {
      message: /study\.yaml:3:\d+: unknown key 'imagess'/,
      hint: /'images'/,
    }));
  test("with a value that does not fit", () =>
    refused(study("networks:\n  - source: a.onnx\nconcepts:\n  k: many\n"), {
      message: /study\.yaml:4:\d+: concepts\.k/,
      hint: /./,
    }));
  test("without networks", () => refused(study("images: x\n"), { message: /networks/, hint: /./ }));
  test("a preprocessing file that does not fit", () =>
    refused(compare(net.residual, "--preprocess", written("pre.json", '{"width": 64, "heigth": 64}')), {
      message: /pre\.json/,
      hint: /./,
    }));
  test("preprocessing for a network that is not in the study", () =>
    refused(compare(net.residual, "--preprocess", `residul=${written("pre.json", '{"width": 32, "height": 32}')}`), {
      message: /no network of this study is called 'residul'/,
      hint: /'residual'/,
    }));
  test.each([
    ["--concepts", "many", /--concepts many/],
    ["--seed", "-1", /--seed -1/],
    ["--method", "svd", /method/],
    ["--permutations", "3", /permutations/],
  ])("%s %s", (flag, value, message) => refused([...compare(net.residual), flag, value], { message, hint: /./ }));
  test("a report of what is no run", () =>
    refused(["report", emptyFolder()], { message: /no finished run in/, hint: /--out/ }));

  test.each([
    ["compare", /missing required argument 'networks'/, /compare old\.onnx new\.onnx --images .*compare --help/],
    ["check study.yaml", /required option '--against <dir>'/, /check study\.yaml --against .*check --help/],
    ["run", /missing required argument 'config'/, /run study\.yaml .*run --help/],
  ])("%s without what it needs: an example to go by", (argv, message, hint) =>
    refused(argv.split(" "), { message, hint }),
  );
  test("an unknown flag or command: the nearest is named, exit code 1", async () => {
    const flag = await samesight(["compare", net.residual, "--imgaes", images]);
    expect(flag.code).toBe(1);
    expect(flag.err).toMatch(/unknown option '--imgaes'/);
    expect(flag.err).toMatch(/--images/);
    const command = await samesight(["compair", net.residual]);
    expect(command.code).toBe(1);
    expect(command.err).toMatch(/unknown command 'compair'/);
    expect(command.err).toMatch(/compare/);
    expect((await samesight(["compare"])).code).toBe(1);
  });
  test("results where a file lies in the way", async () => {
    const outcome = await samesight([
      "compare",
      net.residual,
      "--images",
      images,
      ...SMALL,
      "--out",
      written("taken", "x"),
    ]);
    expect(outcome.code, outcome.err).toBe(1);
    expect(outcome.err).toMatch(/^error: cannot write .*taken/m);
    expect(outcome.err).toMatch(/^ {2}Choose another --out/m);
  });
});
