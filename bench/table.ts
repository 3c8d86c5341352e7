/** Writes what lies in bench/results/*.json into docs/performance.md, between the marks `<!-- bench -->` and `<!-- /bench -->`. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Machine } from "./machine.js";
import type { Measured, Spread } from "./measure.js";

export interface Results {
  readonly figure: string;
  readonly title: string;
  readonly machine: Machine;
  /** Whole time of the figure, preparation included. */
  readonly seconds?: number;
  readonly rows: readonly Measured[];
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export function writeTables(): void {
  const results = readdirSync(here("results"))
    .filter((f) => f.endsWith(".json"))
    .sort()
    .map((f) => JSON.parse(readFileSync(here(`results/${f}`), "utf8")) as Results)
    .filter((r) => Array.isArray(r.rows));
  const page = readFileSync(here("../docs/performance.md"), "utf8");
  const text = `<!-- bench -->\n${tables(results)}\n<!-- /bench -->`;
  writeFileSync(
    here("../docs/performance.md"),
    page.replace(/<!-- bench -->[\s\S]*<!-- \/bench -->/, () => text),
  );
}

/** Exported for the test: results -> Markdown. */
export function tables(results: readonly Results[]): string {
  const rows = results.flatMap((r) => r.rows.map((row) => ({ ...row, date: r.machine.date, load: r.machine.load })));
  const lines = [
    "| what | cores | samesight | peer | peer's time | ratio (min..max) | target | |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map((row) => {
      const peer = row.contenders.find((c) => c.name === row.peer)!;
      const reached = row.target === undefined ? "" : row.ratio.median <= row.target ? "reached" : "**missed**";
      const cells = [row.what, row.cores, time(row.contenders[0]!.seconds.median), row.peer, time(peer.seconds.median)];
      return `| ${[...cells, ratio(row.ratio), row.target === undefined ? "" : `<= ${row.target}`, reached].join(" | ")} |`;
    }),
    "",
    ...results.flatMap((r) => [`- **${r.figure}**: ${r.title}. ${machineLine(r.machine)}`, ...r.rows.flatMap(notes)]),
  ];
  return lines.join("\n");
}

function machineLine(m: Machine): string {
  const peers = Object.entries(m.peers).map(([name, version]) => `${name} ${version}`);
  return `${m.date}, ${m.cpu}, ${m.cores} cores, ${m.memoryGiB} GiB, node ${m.node}, onnxruntime ${m.onnxruntime}, ${peers.join(", ")}; load before the run ${m.load.toFixed(1)}.`;
}

function notes(row: Measured): string[] {
  const parts = row.contenders.map(({ name, seconds, notes: n }) => {
    const list = Object.entries(n ?? {}).map(
      ([k, v]) => `${k} ${typeof v === "number" ? Number(v.toPrecision(6)) : v}`,
    );
    const range = `${time(seconds.median)} (${time(seconds.min)}..${time(seconds.max)})`;
    return `${name} ${range}${list.length ? `: ${list.join(", ")}` : ""}`;
  });
  return [`  - ${row.what}, ${row.rounds} rounds${row.data ? `; ${row.data}` : ""}. ${parts.join("; ")}.`];
}

function time(seconds: number): string {
  return seconds >= 1 ? `${seconds.toFixed(2)} s` : `${(seconds * 1000).toPrecision(3)} ms`;
}

function ratio(r: Spread): string {
  const digits = (v: number) => v.toPrecision(v < 1 ? 2 : 3);
  return `${digits(r.median)} (${digits(r.min)}..${digits(r.max)})`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeTables();
