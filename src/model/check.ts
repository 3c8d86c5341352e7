import { SamesightError } from "../errors.js";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "../onnx/onnx_pb.js";
import { TensorProto_DataLocation, TensorProto_DataType as Type } from "../onnx/onnx_pb.js";
import { subgraphsOf } from "./graph.js";
import { KNOWN_DOMAINS, STANDARD_OPS } from "./ops.js";

const OLDEST_OPSET = 7;
/** The newest that onnxruntime 1.30 runs. */
const NEWEST_OPSET = 26;
/** Loops within loops; real networks have two or three. */
const DEEPEST_NESTING = 16;

export function checkOpset(opset: number, where: string): void {
  if (opset >= OLDEST_OPSET && opset <= NEWEST_OPSET) return;
  const what =
    opset === 0 ? "names no operator set" : `operator set ${opset} is not between ${OLDEST_OPSET} and ${NEWEST_OPSET}`;
  throw new SamesightError("unsupported", `${where}: ${what}`, {
    hint: "Export the network again with opset 13 or later.",
  });
}

/** Every node, those of subgraphs and of the model's own functions included, must name an operator that the runtime has. */
export function checkOperators(model: ModelProto, where: string): void {
  const own = new Set(model.functions.map((f) => `${domainOf(f.domain)}:${f.name}`));
  const check = (nodes: readonly NodeProto[], level: number): void => {
    if (level > DEEPEST_NESTING) {
      throw new SamesightError("unsupported", `${where}: subgraphs are nested more than ${DEEPEST_NESTING} deep`, {
        hint: "Export the network without nested control flow.",
      });
    }
    for (const node of nodes) {
      const domain = domainOf(node.domain);
      const known = domain === "" ? STANDARD_OPS.has(node.opType) : KNOWN_DOMAINS.has(domain);
      if (!known && !own.has(`${domain}:${node.opType}`)) throw unknownOperator(node, domain, where);
      for (const sub of subgraphsOf(node)) check(sub.node, level + 1);
    }
  };
  check(model.graph!.node, 0);
  for (const f of model.functions) check(f.node, 1);
}

function domainOf(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

function unknownOperator(node: NodeProto, domain: string, where: string): SamesightError {
  const op = `${domain ? `${domain}.` : ""}${node.opType || "(none)"}`;
  return new SamesightError(
    "unsupported",
    `${where}: node '${node.name || node.output[0] || ""}' uses the unknown operator ${op}`,
    {
      hint: "Custom operators cannot run here; export the network with standard ONNX operators.",
      details: { node: node.name, op },
    },
  );
}

/** Bytes of one element; types of less than a byte or of free length are left to the runtime. */
const ELEMENT_BYTES: Readonly<Record<number, number>> = {
  [Type.FLOAT]: 4,
  [Type.UINT8]: 1,
  [Type.INT8]: 1,
  [Type.UINT16]: 2,
  [Type.INT16]: 2,
  [Type.INT32]: 4,
  [Type.INT64]: 8,
  [Type.BOOL]: 1,
  [Type.FLOAT16]: 2,
  [Type.DOUBLE]: 8,
  [Type.UINT32]: 4,
  [Type.UINT64]: 8,
  [Type.BFLOAT16]: 2,
};

/** Bytes that a tensor's shape asks for; undefined where its type has no whole bytes an element. */
export function bytesOf(tensor: TensorProto): number | undefined {
  const each = ELEMENT_BYTES[tensor.dataType ?? 0];
  return each === undefined ? undefined : each * tensor.dims.reduce((size, d) => size * Number(d), 1);
}

/** Names made once, and as many bytes as the shape says: a truncated or edited file stops here and not in the runtime. */
export function checkWeights(graph: GraphProto, where: string): void {
  const seen = new Set<string>();
  for (const tensor of graph.initializer) {
    const name = tensor.name ?? "";
    if (seen.has(name)) {
      throw new SamesightError("duplicate", `${where}: initializer '${name}' is there twice`, {
        hint: "The file is not valid ONNX; export it again.",
        details: { tensor: name },
      });
    }
    seen.add(name);
    if (tensor.dims.some((d) => d < 0n)) throw wrongSize(where, name, "has a negative size");
    if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) continue;
    const wanted = bytesOf(tensor);
    const held = tensor.rawData?.length ?? 0;
    const typed = tensor.floatData.length + tensor.int32Data.length + tensor.int64Data.length;
    const others = tensor.doubleData.length + tensor.uint64Data.length + tensor.stringData.length;
    if (wanted === undefined || wanted === held) continue;
    if (held > 0 || wanted !== (typed + others) * ELEMENT_BYTES[tensor.dataType ?? 0]!) {
      throw wrongSize(where, name, `does not hold the ${tensor.dims.join(" x ") || "one"} values of its shape`);
    }
  }
}

function wrongSize(where: string, name: string, what: string): SamesightError {
  return new SamesightError("invalid", `${where}: initializer '${name}' ${what}`, {
    hint: "The file is truncated or damaged; export it again.",
    details: { tensor: name },
  });
}
