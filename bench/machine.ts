import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { PYTHON } from "./peer.js";

/** What figures depend on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly linux: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly peers: Readonly<Record<string, string>>;
  /** Of the last minute when the run began: above 0.5 others worked on the machine, and only ratios mean something. */
  readonly load: number;
  readonly date: string;
}

const VERSIONS = `
import json, platform
out = {"python": platform.python_version()}
for name in ("numpy", "scipy", "sklearn", "torch"):
    try: out[name] = __import__(name).__version__
    except ImportError: pass
try:
    from threadpoolctl import threadpool_info
    import numpy
    out["blas"] = ", ".join(sorted({f"{i['internal_api']} {i['version']} {i.get('architecture', '')}".strip() for i in threadpool_info() if i["user_api"] == "blas"}))
except ImportError: pass
print(json.dumps(out))`;

export function machine(): Machine {
  const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _cache, ...env } = process.env;
  const ort = new URL("../node_modules/onnxruntime-node/package.json", import.meta.url);
  return {
    cpu: cpuName(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    linux: release(),
    node: process.version,
    onnxruntime: (JSON.parse(readFileSync(ort, "utf8")) as { version: string }).version,
    peers: JSON.parse(execFileSync(PYTHON, ["-c", VERSIONS], { env, encoding: "utf8" })) as Record<string, string>,
    load: loadavg()[0]!,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** Virtual machines hide the model's name: family, model and the widest instruction sets tell it. */
function cpuName(): string {
  const info = readFileSync("/proc/cpuinfo", "utf8");
  const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, "m").exec(info)?.[1] ?? "?";
  const sets = ["avx2", "avx512f", "avx512_vnni", "amx_tile"].filter((s) => field("flags").split(" ").includes(s));
  return `${field("model name").trim()} (family ${field("cpu family")}, model ${field("model")}; ${sets.join(", ")})`;
}
