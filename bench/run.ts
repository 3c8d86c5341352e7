/**
 * All figures of docs/performance.md, each against the peer a user would pick, side by side in the same run:
 *
 *     npm run bench -- [figure ...] [--rounds 5] [--quick] [--list]
 *
 * Peers are Debian's Python packages (bench/install-peers.sh). Results go to bench/results/<figure>.json, from which docs/performance.md is written.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { letHeapsGrow } from "../src/cli/heap.js";
import { createEngine } from "../src/node/engine.js";
import type { BenchContext, Figure } from "./figure.js";
import { machine } from "./machine.js";
import type { Measured } from "./measure.js";
import { measure } from "./measure.js";
import { Peer } from "./peer.js";
import type { Results } from "./table.js";
import { writeTables } from "./table.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "5" }, quick: { type: "boolean" }, list: { type: "boolean" } },
});
const known = readdirSync(here("figures"))
  .filter((f) => f.endsWith(".ts"))
  .map((f) => f.slice(0, -3))
  .sort();
const unknown = positionals.filter((p) => !known.includes(p));
if (unknown.length > 0) throw new Error(`unknown figure: ${unknown.join(", ")}; there are ${known.join(", ")}`);

// as the command does
letHeapsGrow();
for (const id of positionals.length ? positionals : known) {
  const { figure } = (await import(`./figures/${id}.ts`)) as { figure: Figure };
  console.log(`${id}: ${figure.title}`);
  if (values.list) {
    console.log(`  ${lasted(id)}`);
    continue;
  }
  const before = machine();
  const start = performance.now();
  const keep = (rows: readonly Measured[]) => {
    if (values.quick) return;
    const seconds = Math.round((performance.now() - start) / 1000);
    const text = JSON.stringify({ figure: id, title: figure.title, machine: before, seconds, rows }, undefined, 1);
    writeFileSync(here(`results/${id}.json`), `${text}\n`);
    writeTables();
  };
  await run(figure, values.quick ?? false, values.quick ? 1 : Number(values.rounds), keep);
}

/** How long the figure took when its results were made. */
function lasted(id: string): string {
  const file = here(`results/${id}.json`);
  if (!existsSync(file)) return "no results yet";
  const { machine: on, rows, seconds } = JSON.parse(readFileSync(file, "utf8")) as Results;
  const time = seconds === undefined ? "time not kept" : `${(seconds / 60).toFixed(1)} minutes`;
  return `${rows.length} rows, ${time}, on ${on.date} at load ${on.load.toFixed(1)}`;
}

async function run(figure: Figure, quick: boolean, rounds: number, keep: (rows: readonly Measured[]) => void) {
  const scratch = mkdtempSync(join(tmpdir(), `samesight-bench-${figure.id}-`));
  const engines: ReturnType<typeof createEngine>[] = [];
  let peers: Peer[] = [];
  const context: BenchContext = {
    quick,
    scratch,
    engine(threads) {
      const engine = createEngine({ threads });
      engines.push(engine);
      return engine;
    },
    peer(script, threads) {
      const peer = new Peer(script, threads);
      peers.push(peer);
      return peer;
    },
  };
  const rows: Measured[] = [];
  try {
    for await (const comparison of figure.comparisons(context)) {
      const row = await measure(figure.id, comparison, rounds);
      rows.push(row);
      report(row);
      keep(rows);
      for (const peer of peers) peer.end();
      peers = [];
    }
  } finally {
    for (const peer of peers) peer.end();
    for (const engine of engines) await engine.dispose();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function report(row: Measured): void {
  const { median, min, max } = row.ratio;
  const target =
    row.target === undefined ? "" : `, target ${row.target} ${median <= row.target ? "reached" : "MISSED"}`;
  console.log(
    `  ${row.what} (${row.cores} ${row.cores === 1 ? "core" : "cores"}): ${median.toFixed(3)} [${min.toFixed(3)}..${max.toFixed(3)}] of ${row.peer}${target}`,
  );
  for (const { name, seconds, notes } of row.contenders) {
    console.log(
      `    ${name.padEnd(40)} ${seconds.median.toFixed(3)} s [${seconds.min.toFixed(3)}..${seconds.max.toFixed(3)}] ${notes ? JSON.stringify(notes) : ""}`,
    );
  }
}
