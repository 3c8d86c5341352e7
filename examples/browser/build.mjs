// Lays out the page: node build.mjs RUN OUT NETWORK.onnx... (in the order of the study). Serve OUT with any static server.
import { copyFile, cp, mkdir, readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

export async function layOut(run, out, networks) {
  const here = dirname(fileURLToPath(import.meta.url));
  await mkdir(join(out, "networks"), { recursive: true });
  await mkdir(join(out, "ort"), { recursive: true });
  await build({
    entryPoints: [join(here, "main.js")],
    outfile: join(out, "main.js"),
    bundle: true,
    format: "esm",
    minify: true,
    target: "es2022",
  });
  await copyFile(join(here, "index.html"), join(out, "index.html"));
  await cp(join(run, "vectors"), join(out, "run/vectors"), { recursive: true });
  await copyFile(join(run, "run.json"), join(out, "run/run.json"));
  const { models } = JSON.parse(await readFile(join(run, "run.json"), "utf8"));
  for (const [i, path] of networks.entries()) {
    await copyFile(path, join(out, "networks", `${models[i].id.replace(/[^\w.-]+/g, "_")}.onnx`));
  }
  const runtime = dirname(createRequire(import.meta.url).resolve("onnxruntime-web/wasm"));
  for (const file of await readdir(runtime)) {
    if (/^ort-wasm-simd-threaded\.(wasm|mjs)$/.test(file)) await copyFile(join(runtime, file), join(out, "ort", file));
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [run, out, ...networks] = process.argv.slice(2);
  await layOut(run, out, networks);
}
