import { writeFile } from "node:fs/promises";
import { shortNames } from "../contract/names.js";
import { stagesOf } from "../model/stages.js";
import type { Tap } from "../model/types.js";
import { createEngine } from "../node/engine.js";
import type { OpenNetwork } from "../node/network.js";
import { openNetwork, probeNetwork } from "../node/network.js";
import { trunkPage } from "../report/render/networkdrawing.js";
import type { Io } from "./io.js";
import { announce } from "./study.js";

export interface InspectFlags {
  readonly preprocess?: string;
  readonly preview?: string;
  readonly images?: string;
  readonly html?: string;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The layers of a network as a table that fits a terminal, or as JSON. */
export async function inspect(source: string, flags: InspectFlags, io: Io): Promise<string> {
  const network = await openNetwork(source, flags.preprocess?.replace(/^[^=]*=/, ""), { onFetch: announce(io, flags) });
  const engine = createEngine();
  const taps = await probeNetwork(network, engine).finally(() => engine.dispose());
  const notes = [...network.notes];
  if (flags.preview !== undefined) notes.push(...(await preview(network, flags.preview, flags.images)));
  if (flags.html !== undefined) {
    const names = taps.map((t) => t.name);
    await writeFile(flags.html, trunkPage(taps, shortNames(names), network.title));
    notes.push(`${flags.html}: the network drawn over relative depth`);
  }
  if (flags.json) return json(network, taps);
  return `${[...title(network, taps, flags.all ?? false), ...notes.map((n) => `note: ${n}`), "", ...table(taps, flags.all ?? false, io.columns)].join("\n")}\n`;
}

function json(network: OpenNetwork, taps: readonly Tap[]): string {
  const { source, summary, sha256, licence, preprocessing, origin, notes } = network;
  const stages = stagesOf(taps);
  const short = shortNames(taps.map((t) => t.name));
  const body = {
    source,
    sha256,
    licence,
    preprocessing,
    preprocessingOrigin: origin,
    notes,
    input: summary.input,
    outputs: summary.outputs,
    opset: summary.opset,
    metadata: summary.metadata,
    parameterBytes: summary.parameterBytes,
    longestPath: summary.longestPath,
    taps: taps.map((t, i) => ({ ...t, short: short[i], stage: stages.get(t) ?? null })),
  };
  return `${JSON.stringify(body, null, 2)}\n`;
}

const ORIGIN: Readonly<Record<OpenNetwork["origin"], string>> = {
  given: "as given",
  zoo: "from the zoo",
  ultralytics: "from its Ultralytics metadata",
  onnx: "from its ONNX image metadata",
  huggingface: "from the preprocessor_config.json beside it",
  guessed: "guessed: look at --preview FILE.png, pass --preprocess FILE if it is another",
};

function title(network: OpenNetwork, taps: readonly Tap[], all: boolean): string[] {
  const { summary, preprocessing: p, origin, licence } = network;
  const megabytes = (summary.parameterBytes / 1e6).toFixed(1);
  const ends = taps.filter((t) => t.blockEnd).length;
  return [
    `${network.title}: ${summary.nodeCount} nodes, opset ${summary.opset}, ${megabytes} MB of parameters, ${summary.longestPath} convolutions on the longest path`,
    `input ${summary.input.name} ${p.width} x ${p.height}, ${p.resize}, ${p.channels}, ${p.layout}, ${p.type} (${ORIGIN[origin]})${licence ? `; licence ${licence}` : ""}`,
    all
      ? `${taps.length} feature maps`
      : `${ends} tensors that end a block, of ${taps.length} feature maps (--all lists them)`,
  ];
}

/** One line a layer, no longer than `columns`: the trunk is marked in front, names give way. */
function table(taps: readonly Tap[], all: boolean, columns = Number.POSITIVE_INFINITY): string[] {
  const stages = stagesOf(taps);
  const shown = all ? taps : taps.filter((t) => t.blockEnd);
  const cells = shown.map((t) => [
    t.trunk ? "┃" : "·",
    t.depth.toFixed(2),
    t.headDepth.toFixed(2),
    String(stages.get(t) ?? ""),
    `/${Math.round(t.stride[0])}`,
    `${t.channels} x ${t.height} x ${t.width}`,
    t.op,
  ]);
  const head = ["┃", "depth", "head", "stage", "stride", "c x h x w", "op"];
  const widths = head.map((h, i) => Math.max(h.length, ...cells.map((r) => r[i]!.length)));
  const before = widths.reduce((sum, w) => sum + w + 2, 0);
  const room = Math.max(16, Math.min(60, columns - before));
  // names are made unique among all taps, so that what is shown can be typed
  const every = shortNames(
    taps.map((t) => t.name),
    room,
  );
  const name = new Map(taps.map((t, i) => [t, every[i]!]));
  const line = (row: readonly string[], last: string) =>
    `${row.map((c, i) => c.padEnd(widths[i]!)).join("  ")}  ${last}`.trimEnd();
  return [line(head, "layer (┃ on the trunk)"), ...cells.map((row, i) => line(row, cut(name.get(shown[i]!)!, room)))];
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `…${text.slice(text.length - most + 1)}`;
}

async function preview(network: OpenNetwork, path: string, folder: string | undefined): Promise<string[]> {
  const { listImages } = await import("../node/images.js");
  const { testCard, writeSeen } = await import("../node/seen.js");
  const photographs = folder === undefined ? [testCard()] : (await listImages(folder)).images.slice(0, 3);
  const ranges = await writeSeen(path, photographs, network.preprocessing);
  const planes = ranges.map(([least, greatest]) => `${least.toFixed(2)}..${greatest.toFixed(2)}`).join(", ");
  return [
    `${path}: what the network sees; values of its planes ${[...network.preprocessing.channels].join(", ")}: ${planes}`,
  ];
}
