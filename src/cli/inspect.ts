import { createEngine } from "../node/engine.js";
import { openNetwork, probeNetwork, readPreprocessing } from "../node/network.js";
import type { Io } from "./io.js";

/** The layers of a network as a table that fits a terminal, or as JSON. */
export async function inspect(
  source: string,
  flags: { preprocess?: string; all?: boolean; json?: boolean },
  io: Io,
): Promise<string> {
  const given = flags.preprocess ? await readPreprocessing(flags.preprocess.replace(/^[^=]*=/, "")) : undefined;
  const network = await openNetwork(source, given, {
    onFetch: (p) => io.err(`fetching ${p.name}@${p.version} (${p.megabytes} MB, licence ${p.licence})\n`),
  });
  const engine = createEngine();
  const taps = await probeNetwork(network, engine);
  await engine.dispose();
  if (flags.json) {
    const { summary, sha256, licence, preprocessing, guessed } = network;
    return `${JSON.stringify({ source, sha256, licence, preprocessing, preprocessingGuessed: guessed, input: summary.input, outputs: summary.outputs, opset: summary.opset, parameterBytes: summary.parameterBytes, longestPath: summary.longestPath, taps }, null, 2)}\n`;
  }
  const shown = flags.all ? taps : taps.filter((t) => t.blockEnd);
  const rows = shown.map((t) => [
    t.depth.toFixed(2),
    t.headDepth.toFixed(2),
    t.op,
    `${t.channels} x ${t.height} x ${t.width}`,
    `/${Math.round(t.stride[0])}`,
    t.trunk ? "*" : "",
    t.name,
  ]);
  const head = ["depth", "head", "op", "c x h x w", "stride", "trunk", "layer"];
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((c, i) => (i === cells.length - 1 ? c : c.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd();
  const { summary, preprocessing } = network;
  const title = [
    `${network.title}: ${summary.nodeCount} nodes, opset ${summary.opset}, ${(summary.parameterBytes / 1e6).toFixed(1)} MB of parameters, ${summary.longestPath} convolutions on the longest path`,
    `input ${summary.input.name} ${preprocessing.width} x ${preprocessing.height}, ${preprocessing.resize}, ${preprocessing.channels}${network.guessed ? " (guessed: pass --preprocess FILE if it is another)" : ""}${network.licence ? `; licence ${network.licence}` : ""}`,
    flags.all
      ? `${taps.length} feature maps`
      : `${shown.length} tensors that end a block, of ${taps.length} feature maps (--all lists them)`,
  ];
  return `${[...title, "", line(head), ...rows.map(line)].join("\n")}\n`;
}
