/** Studies whose memory is measured, and where their figures are kept. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Machine } from "./machine.js";
import { machine } from "./machine.js";

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
    title: "one detector (SSDLite), 2 taps",
    networks: ["ssdlite-mobilenetv2"],
    layers: "auto:2",
    images: [50, 200, 500, 1000, 2000, 5000, 10_000],
  },
];

export interface MemoryRow {
  readonly study: string;
  readonly images: number;
  /** Of the whole process, its threads with it. */
  readonly peakBytes: number;
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

const FILE = fileURLToPath(new URL("results/memory.json", import.meta.url));

/** Adds rows; those of the same study and number of images measured before are replaced. */
export function keepRows(rows: readonly MemoryRow[]): void {
  const before = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as MemoryResults).memory : [];
  const kept = before.filter((b) => !rows.some((r) => r.study === b.study && r.images === b.images));
  const place = (r: MemoryRow) => STUDIES.findIndex((s) => s.id === r.study) * 1e6 + r.images;
  const memory = [...kept, ...rows].sort((a, b) => place(a) - place(b));
  writeFileSync(FILE, `${JSON.stringify({ machine: machine(), memory } satisfies MemoryResults, undefined, 1)}\n`);
}
