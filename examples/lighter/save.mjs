// Any NETWORK (zoo:NAME, model.json, .onnx) as one .onnx file, and its preprocessing as JSON beside it.
import { writeFile } from "node:fs/promises";
import { openNetwork } from "samesight/node";

export async function save(source, target, preprocessing, given) {
  const network = await openNetwork(source, given);
  await writeFile(target, network.bytes);
  await writeFile(preprocessing, `${JSON.stringify(network.preprocessing, null, 2)}\n`);
}
