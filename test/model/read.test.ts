/** Every network that cannot be used must be told apart by one typed error that names the place. */
import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSamesightError, SamesightError } from "../../src/errors.js";
import { readModel, writeModel } from "../../src/model/read.js";
import { summarize } from "../../src/model/summarize.js";
import { attribute, floats, graph, model, modelBytes, node, valueInfo } from "../../src/onnx/build.js";
import type { NodeProto } from "../../src/onnx/onnx_pb.js";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
} from "../../src/onnx/onnx_pb.js";
import { residual } from "./nets.js";

const image = valueInfo("image", "float32", [1, 3, 8, 8]);

function refusal(bytes: Uint8Array): SamesightError {
  try {
    readModel(bytes, "net.onnx");
  } catch (error) {
    if (isSamesightError(error)) return error;
    throw error;
  }
  throw new Error("was accepted");
}

function ofNodes(nodes: NodeProto[], outputs = ["y"], opset = 17): Uint8Array {
  return modelBytes({ nodes, inputs: [image], outputs, initializers: [floats("w", [1], [1])] }, opset);
}

describe("what is not ONNX", () => {
  const good = residual().bytes(["scores"]);
  const cases: [string, Uint8Array][] = [
    ["nothing", new Uint8Array()],
    ["text", new TextEncoder().encode("import torch\nprint('hello')\n".repeat(20))],
    ["zeros", new Uint8Array(1000)],
    ["JSON", new TextEncoder().encode('{"format": "graph-model"}')],
    ["a PNG's head", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
    ["another protobuf message", toBinary(OperatorSetIdProtoSchema, create(OperatorSetIdProtoSchema, { domain: "x" }))],
    ["a model without a graph", toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n }))],
    ["half a file", good.subarray(0, good.length / 2)],
    ["a file without its last byte", good.subarray(0, good.length - 1)],
  ];
  it.each(cases)("%s", (_, bytes) => {
    const error = refusal(bytes);
    expect(error.code).toBe("invalid");
    expect(error.message).toMatch(/^net\.onnx: .*(not an ONNX network|empty)/);
    expect(error.message).not.toContain("\n");
    expect(error.hint).not.toBe("");
  });
  it("and the whole file is fine", () => {
    expect(readModel(good).graph!.node.length).toBe(residual().nodes.length);
    expect(readModel(writeModel(readModel(good)))).toEqual(readModel(good));
  });
});

describe("what does not hang together", () => {
  it("names the tensors of a cycle, and only those", () => {
    const error = refusal(
      ofNodes([
        node("Relu", ["image"], ["start"]),
        node("Add", ["start", "c"], ["a"]),
        node("Relu", ["a"], ["b"]),
        node("Relu", ["b"], ["c"]),
        node("Relu", ["c"], ["after"]),
        node("Relu", ["after"], ["y"]),
      ]),
    );
    expect(error.code).toBe("invalid");
    expect(error.message).toContain("cycle");
    expect([...(error.details.tensors as string[])].sort()).toEqual(["a", "b", "c"]);
    for (const t of ["'a'", "'b'", "'c'"]) expect(error.message).toContain(t);
  });
  it("a node that reads itself", () => {
    expect(refusal(ofNodes([node("Add", ["image", "y"], ["y"])])).message).toContain("cycle: 'y' <- 'y'");
  });
  it("names the node and the tensor of a missing initializer", () => {
    const error = refusal(ofNodes([node("Conv", ["image", "conv1.weight"], ["y"], {}, "conv1")]));
    expect(error.code).toBe("missing");
    expect(error.message).toContain("node 'conv1' (Conv) reads 'conv1.weight'");
  });
  it("a tensor made twice, by nodes or by node and initializer", () => {
    expect(refusal(ofNodes([node("Relu", ["image"], ["y"]), node("Tanh", ["image"], ["y"])])).code).toBe("duplicate");
    expect(refusal(ofNodes([node("Relu", ["image"], ["y"]), node("Tanh", ["image"], ["w"])])).message).toContain("'w'");
  });
  it("an initializer that is there twice, or not as long as its shape", () => {
    const nodes = [node("Conv", ["image", "k"], ["y"])];
    const of = (...initializers: ReturnType<typeof floats>[]) =>
      modelBytes({ nodes, inputs: [image], outputs: ["y"], initializers });
    const k = floats("k", [1, 3, 1, 1], [1, 2, 3]);
    expect(refusal(of(k, k)).code).toBe("duplicate");
    const short = refusal(of(floats("k", [2, 3, 1, 1], [1, 2, 3])));
    expect(short.code).toBe("invalid");
    expect(short.message).toContain("initializer 'k' does not hold the 2 x 3 x 1 x 1 values");
  });
  it("an output that nothing makes", () => {
    expect(refusal(ofNodes([node("Relu", ["image"], ["y"])], ["z"])).message).toContain("output 'z'");
  });
});

describe("what cannot run here", () => {
  it("names the unknown operator and its node, also inside a subgraph and of a foreign domain", () => {
    const error = refusal(ofNodes([node("MyDeformable", ["image"], ["y"], {}, "block3")]));
    expect(error.code).toBe("unsupported");
    expect(error.message).toContain("node 'block3' uses the unknown operator MyDeformable");
    const foreign = node("DCNv2", ["image"], ["y"], {}, "dcn");
    foreign.domain = "mmdeploy";
    expect(refusal(ofNodes([foreign])).message).toContain("mmdeploy.DCNv2");
    const choose = node("If", ["w"], ["y"]);
    choose.attribute.push(branch(graph({ nodes: [node("Odd", ["image"], ["t"])], inputs: [], outputs: ["t"] })));
    expect(refusal(ofNodes([choose])).message).toContain("operator Odd");
  });
  it("lets operators of onnxruntime's own domain pass", () => {
    const gelu = node("FastGelu", ["image"], ["y"]);
    gelu.domain = "com.microsoft";
    expect(() => readModel(ofNodes([gelu]))).not.toThrow();
  });
  it.each([0, 6, 27])("operator set %i", (opset) => {
    const error = refusal(ofNodes([node("Relu", ["image"], ["y"])], ["y"], opset));
    expect(error.code).toBe("unsupported");
    expect(error.message).toMatch(/operator set/);
  });
  it("no image, or two", () => {
    const vector = valueInfo("v", "float32", [1, 10]);
    const nodes = [node("Relu", ["v"], ["y"])];
    expect(refusal(modelBytes({ nodes, inputs: [vector], outputs: ["y"] })).message).toContain("no inputs with four");
    const two = [image, valueInfo("right", "float32", [1, 3, 8, 8])];
    const add = [node("Add", ["image", "right"], ["y"])];
    expect(refusal(modelBytes({ nodes: add, inputs: two, outputs: ["y"] })).message).toContain("2 inputs with four");
  });
});

function branch(g: ReturnType<typeof graph>) {
  return create(AttributeProtoSchema, { name: "then_branch", type: AttributeProto_AttributeType.GRAPH, g });
}

describe("hostile files", () => {
  it("100 000 nodes, a fan-in of 100 000 and one of the other order are read in linear time", () => {
    // quadratic work is minutes here, beyond the time a test has
    const n = 100_000;
    const names = Array.from({ length: n }, (_, i) => `t${i}`);
    const nodes = [node("Concat", names, ["y"]), ...names.map((t) => node("Relu", ["image"], [t]))];
    expect(summarize(readModel(ofNodes(nodes))).nodeCount).toBe(n + 1);
    const chain = names.map((t, i) => node("Relu", [i === 0 ? "image" : names[i - 1]!], [t])).reverse();
    expect(readModel(ofNodes(chain, [names.at(-1)!])).graph!.node.length).toBe(n);
  });
  it.each([
    [20, "unsupported"],
    [100, "invalid"],
  ])("subgraphs nested %i deep are refused, not followed", (levels, code) => {
    let inner = graph({ nodes: [node("Identity", ["image"], ["t"])], inputs: [], outputs: ["t"] });
    for (let i = 0; i < levels; i++) {
      const n = node("If", ["image"], ["t"]);
      n.attribute.push(branch(inner));
      inner = graph({ nodes: [n], inputs: i === levels - 1 ? [image] : [], outputs: ["t"] });
    }
    expect(refusal(toBinary(ModelProtoSchema, model(inner))).code).toBe(code);
  });
  const survives = (bytes: Uint8Array): boolean => {
    try {
      summarize(readModel(bytes));
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(SamesightError);
      return false;
    }
  };
  it("changed bytes give a network or a SamesightError, never another error", () => {
    const good = residual().bytes(["scores", "boxes"]);
    const edit = fc.record({ at: fc.nat(good.length - 1), to: fc.integer({ min: 0, max: 255 }) });
    let refused = 0;
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 20 }), fc.option(fc.nat(good.length)), (edits, cut) => {
        const bytes = good.slice(0, cut ?? good.length);
        for (const { at, to } of edits) if (at < bytes.length) bytes[at] = to;
        if (!survives(bytes)) refused++;
      }),
      { numRuns: 300, seed: 5 },
    );
    expect(refused).toBeGreaterThan(50);
  });
  it("changed bytes of the structure alone", () => {
    // weights are most of the bytes above; here every byte says something
    const small = ofNodes([
      node("Conv", ["image", "w"], ["c"], { kernel_shape: [1, 1] }),
      node("Relu", ["c"], ["y"], { alpha: 0.5 }),
    ]);
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(small.length - 1), fc.integer({ min: 0, max: 255 }), (at, to) => {
        const bytes = small.slice();
        bytes[at] = to;
        if (!survives(bytes)) refused++;
      }),
      { numRuns: 1000, seed: 6 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});

describe("the input", () => {
  const inputOf = (dims: (number | string)[]) => {
    const inputs = [valueInfo("x", "float32", dims)];
    return summarize(readModel(modelBytes({ nodes: [node("Relu", ["x"], ["y"])], inputs, outputs: ["y"] }))).input;
  };
  it("tells the layout by where the colours are, and free sizes as -1", () => {
    expect(inputOf(["batch", 3, 8, 8])).toMatchObject({ layout: "NCHW", shape: [-1, 3, 8, 8] });
    expect(inputOf([1, "h", "w", 3])).toMatchObject({ layout: "NHWC", shape: [1, -1, -1, 3] });
    expect(inputOf([1, 28, 28, 1]).layout).toBe("NHWC");
    expect(inputOf([1, 3, 3, 3]).layout).toBe("NCHW");
  });
  it("an initializer that old files list as input is none", () => {
    const bytes = modelBytes({
      nodes: [node("Conv", ["x", "k"], ["y"])],
      inputs: [valueInfo("x", "float32", [1, 3, 8, 8]), valueInfo("k", "float32", [1, 3, 1, 1])],
      outputs: ["y"],
      initializers: [floats("k", [1, 3, 1, 1], [1, 2, 3])],
    });
    expect(summarize(readModel(bytes)).input.name).toBe("x");
  });
});

it("attributes survive reading and writing", () => {
  const a = attribute("scale", { float: 1 });
  const n = node("LeakyRelu", ["image"], ["y"]);
  n.attribute.push(a);
  expect(readModel(writeModel(readModel(ofNodes([n])))).graph!.node[0]!.attribute[0]).toEqual(a);
});
