// Compiles src/numerics/assembly/*.ts (AssemblyScript) to src/numerics/<name>.wasm.ts, which is kept in the repository:
// users need no compiler, and test/numerics/wasm.test.ts holds that sources and bytes belong together.
import { readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const numerics = join(fileURLToPath(new URL("..", import.meta.url)), "src", "numerics");

/** Text of the .wasm.ts file of one source. */
export async function compileKernel(name) {
  const { error, binary, stderr } = await compile(join("assembly", `${name}.ts`));
  if (error) throw new Error(`${name}: ${error.message}\n${stderr}`);
  const rows = [];
  for (let i = 0; i < binary.length; i += 32) rows.push(`  ${Array.from(binary.subarray(i, i + 32)).join(", ")},`);
  return `// Made by scripts/build-wasm.mjs from assembly/${name}.ts; do not edit.\nexport const WASM: Uint8Array = Uint8Array.of(\n${rows.join("\n")}\n);\n`;
}

async function compile(source) {
  let binary = new Uint8Array();
  const options = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--importMemory"];
  const { error, stderr } = await asc.main([source, ...options, "--baseDir", numerics, "--outFile", "kernel.wasm"], {
    writeFile: (file, data) => {
      if (file.endsWith(".wasm")) binary = data;
    },
  });
  return { error, binary, stderr: String(stderr) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of await readdir(join(numerics, "assembly"))) {
    if (!file.endsWith(".ts")) continue;
    const name = basename(file, ".ts");
    await writeFile(join(numerics, `${name}.wasm.ts`), await compileKernel(name));
  }
}
