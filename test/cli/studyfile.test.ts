/** A study as a file: what is wrong is said with the line. */
import { describe, expect, test } from "vitest";
import { withFlags } from "../../src/cli/args.js";
import { parseStudy } from "../../src/cli/studyfile.js";
import { DEFAULTS } from "../../src/contract/defaults.js";
import { isSamesightError } from "../../src/errors.js";

const fails = (text: string, path = "study.yaml") => {
  try {
    parseStudy(text, path);
  } catch (error) {
    if (isSamesightError(error)) return { message: error.message, hint: error.hint, code: error.code };
    throw error;
  }
  throw new Error("was accepted");
};

describe("a study file", () => {
  test("is YAML or JSON, defaults filled in, $schema allowed", () => {
    const yaml = "# ours\n$schema: x\nnetworks:\n  - source: zoo:nanodet\n    layers: [auto:3]\nconcepts: {k: 7}\n";
    const study = parseStudy(yaml, "study.yaml");
    expect(study.concepts).toMatchObject({ k: 7, method: DEFAULTS.method, rows: DEFAULTS.rows });
    expect(
      parseStudy(
        JSON.stringify({ networks: [{ source: "zoo:nanodet", layers: ["auto:3"] }], $schema: "x", concepts: { k: 7 } }),
        "s.json",
      ),
    ).toEqual(study);
  });
  test("an unknown key is refused with file, line and column, and the nearest name", () => {
    expect(fails("networks:\n  - source: a.onnx\n    layer: [x]\n")).toEqual({
      message: "study.yaml:3:5: unknown key 'networks.0.layer'",
      hint: "Did you mean 'layers'?",
      code: "unknown",
    });
    expect(fails("networks: [{source: a.onnx}]\nconcept: {k: 3}\n")).toMatchObject({
      message: "study.yaml:2:1: unknown key 'concept'",
      hint: "Did you mean 'concepts'?",
    });
    expect(fails('{\n  "networks": [{"source": "a"}],\n  "concepts": {\n    "ks": 3\n  }\n}')).toMatchObject({
      message: "study.yaml:4:5: unknown key 'concepts.ks'",
    });
  });
  test("a key inside a union is found too", () => {
    expect(
      fails("networks:\n  - source: a.onnx\n    preprocess:\n      width: 3\n      height: 3\n      chanels: BGR\n"),
    ).toMatchObject({
      message: "study.yaml:6:7: unknown key 'networks.0.preprocess.chanels'",
      hint: "Did you mean 'channels'?",
    });
  });
  test("a wrong value is refused with its line", () => {
    expect(fails("networks: [{source: a.onnx}]\nseed: -1\n").message).toMatch(/^study.yaml:2:7: seed: /);
    expect(fails("networks: [{source: a.onnx}]\nconcepts:\n  k: many\n").message).toMatch(
      /^study.yaml:3:6: concepts.k: /,
    );
    expect(fails("seed: 1\n").message).toMatch(/networks/);
  });
  test("what is no YAML, or no study, is refused", () => {
    expect(fails("networks: [\n  {source: a\n").message).toMatch(/^study.yaml:\d+:\d+: /);
    expect(fails("just words").message).toBe("study.yaml: holds no study");
    expect(fails("").message).toBe("study.yaml: holds no study");
  });
  test("paths are relative to the file; the zoo's names are no paths", () => {
    const text =
      "images: photos\nnetworks: [{source: nets/a.onnx, preprocess: pre.json}, {source: 'zoo:nanodet'}, {source: /b.onnx}]\n";
    const study = parseStudy(text, "studies/one/study.yaml");
    expect(study.images).toBe("studies/one/photos");
    expect(study.networks.map((n) => n.source)).toEqual(["studies/one/nets/a.onnx", "zoo:nanodet", "/b.onnx"]);
    expect(study.networks[0]!.preprocess).toBe("studies/one/pre.json");
    expect(parseStudy(text, "study.yaml").images).toBe("photos");
  });
});

describe("flags over a study", () => {
  const study = {
    networks: [{ source: "a.onnx", id: "old" }, { source: "nets/b.onnx" }],
    images: "x",
    concepts: { k: 3, rows: 500 },
  };
  test("override what they name and nothing else", () => {
    const over = withFlags(study, { concepts: "auto", images: "y", layers: ["old=op:Relu", "b=auto:2"], seed: "4" });
    expect(over).toMatchObject({ images: "y", seed: 4, concepts: { k: "auto", rows: 500 } });
    expect(over.networks.map((n) => n.layers)).toEqual([["op:Relu"], ["auto:2"]]);
    expect(withFlags(study, {})).toEqual(study);
  });
  test("a value without a network goes to all; a wrong network or number is refused", () => {
    expect(withFlags(study, { layers: ["auto:2"] }).networks.map((n) => n.layers)).toEqual([["auto:2"], ["auto:2"]]);
    expect(() => withFlags(study, { layers: ["ald=auto:2"] })).toThrow(
      "--layers ald=auto:2: no network of this study is called 'ald'",
    );
    expect(() => withFlags(study, { seed: "x" })).toThrow("--seed x: expected a whole number");
  });
});
