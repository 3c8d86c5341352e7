import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shortNames, shownNames } from "../../src/contract/names.js";

describe("shortNames(names)", () => {
  test("drops exporters' suffixes, a module before its own child, and what all share", () => {
    expect(shortNames(["/layer1/layer1.0/conv1/Conv_output_0", "/layer1/layer1.1/relu/Relu_output_0"])).toEqual([
      "layer1.0/conv1/Conv",
      "layer1.1/relu/Relu",
    ]);
    expect(shortNames(["FeatureExtractor/MobilenetV2/Conv/Relu6", "FeatureExtractor/MobilenetV2/add"])).toEqual([
      "Conv/Relu6",
      "add",
    ]);
  });
  test("keeps apart what shortening would make one", () => {
    expect(shortNames(["/a/Relu_output_0", "/a/Relu_output_1", "/b/x"])).toEqual([
      "/a/Relu_output_0",
      "/a/Relu_output_1",
      "b/x",
    ]);
  });
  test("cuts the middle of long names", () => {
    const [short] = shortNames([`start/${"x".repeat(100)}/end`, "start/other"], 20);
    expect(short).toHaveLength(20);
    expect(short).toMatch(/^x+…x+\/end$/);
  });
  test("are unique for any different names", () => {
    const part = fc.constantFrom("a", "a.0", "b", "Relu", "Relu_output_0", "x:0");
    const names = fc.uniqueArray(
      fc.array(part, { minLength: 1, maxLength: 4 }).map((p) => p.join("/")),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(names, fc.integer({ min: 6, max: 50 }), (n, most) => new Set(shortNames(n, most)).size === n.length),
    );
  });
});

describe("shownNames(names)", () => {
  test("shows of the zoo's detectors the block, not the operator inside it nor what an exporter put before", () => {
    expect(
      shownNames([
        "tower_0/MobilenetV3/Conv/hard_swish/mul_1",
        "tower_0/MobilenetV3/expanded_conv_3/project/BatchNorm/FusedBatchNorm",
        "tower_0/MobilenetV3/expanded_conv_7/add",
        "tower_0/CenternetHead/mul",
      ]),
    ).toEqual(["Conv", "expanded_conv_3", "expanded_conv_7", "CenternetHead"]);
    expect(
      shownNames(["PartitionedCall/onnx_tf_prefix_LeakyRelu_1", "PartitionedCall/onnx_tf_prefix_Concat_27"]),
    ).toEqual(["LeakyRelu_1", "Concat_27"]);
    expect(
      shownNames(["/features/features.0/features.0.2/Relu_output_0", "/features/features.1/Add_output_0"]),
    ).toEqual(["features.0.2", "features.1"]);
  });
  test("shows more where a block has two layers", () => {
    expect(shownNames(["net/conv_1/Relu", "net/conv_3/project/add", "net/conv_3/depthwise/Relu6"])).toEqual([
      "conv_1",
      "conv_3/project",
      "conv_3/depthwise",
    ]);
  });
  test("are unique and not empty for any different names", () => {
    const part = fc.constantFrom(
      "a",
      "a.0",
      "b",
      "Relu",
      "Relu_output_0",
      "x:0",
      "onnx_tf_prefix_",
      "onnx_tf_prefix_a",
    );
    const names = fc.uniqueArray(
      fc.array(part, { minLength: 1, maxLength: 4 }).map((p) => p.join("/")),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(names, fc.integer({ min: 6, max: 50 }), (n, most) => {
        const shown = shownNames(n, most);
        return new Set(shown).size === n.length && !shown.includes("");
      }),
    );
  });
});
