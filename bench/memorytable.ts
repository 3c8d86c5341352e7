/** Studies whose memory is measured, where their figures are kept, and what docs/performance.md shows of them. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Machine } from "./machine.js";
import { machine } from "./machine.js";
import { memoryFigure } from "./memoryfigure.js";

export interface MemoryStudy {
  readonly id: string;
  readonly title: string;
  /** Of the zoo. */
  readonly networks: readonly string[];
  readonly layers: string;
  readonly images: readonly number[];
}

export const STUDIES: readonly MemoryStudy[] = [
  {
    id: "three",
    title: "3 detectors, 3 taps each",
    networks: ["ssdlite-mobilenetv2", "centernet-mobilenetv3", "nanodet"],
    layers: "auto:3",
    images: [50, 200, 500, 1000, 2000],
  },
  {
    id: "one",
    title: "SSDLite alone, 2 taps",
    networks: ["ssdlite-mobilenetv2"],
    layers: "auto:2",
    images: [50, 200, 1000, 2000, 5000, 10_000],
  },
];

export interface MemoryRow {
  readonly study: string;
  readonly images: number;
  /** Of the whole process, its threads with it; of several runs the median, as all else in the row is that run's. */
  readonly peakBytes: number;
  /** Peaks of all runs, ascending, where there were several. */
  readonly peaksBytes?: readonly number[];
  /** User and system, all threads. */
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly storeBytes: number;
  readonly reportBytes: number;
  readonly stagesMs: Readonly<Record<string, number>>;
  /** Of the machine when the run began. */
  readonly load: number;
}

export interface MemoryResults {
  readonly machine: Machine;
  readonly memory: readonly MemoryRow[];
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const FILE = here("results/memory.json");
/** Peak with 2,000 images over the peak with 200. */
const TARGET = 1.15;

/** Runs of one study and number of images -> the one with the median peak, and the peaks of all. */
export function medianRow(runs: readonly MemoryRow[]): MemoryRow {
  const sorted = [...runs].sort((a, b) => a.peakBytes - b.peakBytes);
  const median = sorted[sorted.length >> 1]!;
  return runs.length === 1 ? median : { ...median, peaksBytes: sorted.map((r) => r.peakBytes) };
}

/** Adds rows (those of the same study and number of images measured before are replaced) and writes table and figure. */
export function keepRows(rows: readonly MemoryRow[]): void {
  const before = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as MemoryResults).memory : [];
  const kept = before.filter((b) => !rows.some((r) => r.study === b.study && r.images === b.images));
  const place = (r: MemoryRow) => STUDIES.findIndex((s) => s.id === r.study) * 1e6 + r.images;
  const memory = [...kept, ...rows].sort((a, b) => place(a) - place(b));
  const results: MemoryResults = { machine: machine(), memory };
  writeFileSync(FILE, `${JSON.stringify(results, undefined, 1)}\n`);
  writeMemory(results);
}

export function writeMemory({ memory, machine: m }: MemoryResults): void {
  writeFileSync(here("../docs/images/memory.svg"), memoryFigure(memory, STUDIES));
  const page = here("../docs/performance.md");
  const note = `${m.date}, ${m.cpu}, ${m.cores} cores, node ${m.node}, onnxruntime ${m.onnxruntime}, two workers.`;
  const text = `<!-- memory -->\n${memoryTable(memory)}\n\n${note}\n<!-- /memory -->`;
  writeFileSync(
    page,
    readFileSync(page, "utf8").replace(/<!-- memory -->[\s\S]*<!-- \/memory -->/, () => text),
  );
}

/** Results -> Markdown: a row a run, then what the targets ask. */
export function memoryTable(memory: readonly MemoryRow[]): string {
  const mega = (bytes: number) => `${Math.round(bytes / 1e6).toLocaleString("en")} MB`;
  const lines = [
    "| study | photographs | peak memory | CPU time | a photograph more | wall time | cache | load before |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...memory.map((row, i) => {
      const last = memory[i - 1];
      const slope =
        last?.study === row.study ? (row.cpuSeconds - last.cpuSeconds) / (row.images - last.images) : undefined;
      const cells = [
        STUDIES.find((s) => s.id === row.study)?.title ?? row.study,
        row.images.toLocaleString("en"),
        row.peaksBytes
          ? `${mega(row.peakBytes)} (${row.peaksBytes.length} runs: ${mega(row.peaksBytes[0]!)} to ${mega(row.peaksBytes.at(-1)!)})`
          : mega(row.peakBytes),
        `${row.cpuSeconds.toFixed(1)} s`,
        slope === undefined ? "" : `${(1000 * slope).toFixed(0)} ms`,
        `${row.seconds.toFixed(1)} s`,
        mega(row.storeBytes),
        row.load.toFixed(1),
      ];
      return `| ${cells.join(" | ")} |`;
    }),
  ];
  const ratios = STUDIES.flatMap(({ id, title }) => {
    const at = (images: number) => memory.find((r) => r.study === id && r.images === images);
    const [few, many] = [at(200), at(2000)];
    if (!few || !many) return [];
    const ratio = many.peakBytes / few.peakBytes;
    return [
      `${title}: 2,000 photographs peak at ${ratio.toFixed(2)} times what 200 do (target <= ${TARGET}: ${ratio <= TARGET ? "reached" : "**missed**"}).`,
    ];
  });
  return [...lines, ...(ratios.length > 0 ? ["", ...ratios] : [])].join("\n");
}
