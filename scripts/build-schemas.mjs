// Writes schemas/*.schema.json from the zod schemas of src/contract, as compiled into dist/.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { jsonSchemas } from "../dist/contract/schemas.js";

const dir = fileURLToPath(new URL("../schemas/", import.meta.url));
await mkdir(dir, { recursive: true });
const wanted = new Map(Object.entries(jsonSchemas()).map(([name, s]) => [name, `${JSON.stringify(s, null, 2)}\n`]));
for (const name of await readdir(dir)) if (!wanted.has(name)) await rm(join(dir, name));
for (const [name, text] of wanted) {
  // untouched where nothing changed, so that a build leaves times and a clean work tree alone
  if ((await readFile(join(dir, name), "utf8").catch(() => "")) !== text) await writeFile(join(dir, name), text);
}
