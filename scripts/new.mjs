// Starts a new concept method or a new measure from templates/: node scripts/new.mjs method|measure NAME [ROOT]
// Writes the file and its lines in the lists that the configuration, the schemas, the command line and the tests read.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const [kind, name, root = fileURLToPath(new URL("..", import.meta.url))] = process.argv.slice(2);
if (!["method", "measure"].includes(kind) || !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name ?? "")) {
  console.error("node scripts/new.mjs method|measure NAME, NAME in small letters, digits and _");
  process.exit(1);
}
const file = name.replace(/_/g, "");
const variable = name.replace(/_(.)/g, (_, c) => c.toUpperCase());

async function edit(path, change) {
  const text = await readFile(join(root, path), "utf8");
  const changed = change(text);
  if (changed === text) throw new Error(`${path} is not as this script expects it: add ${name} by hand`);
  await writeFile(join(root, path), changed);
}

async function add(target, template) {
  const text = await readFile(join(root, "templates", template), "utf8");
  await writeFile(
    join(root, target),
    text.replaceAll("VARIABLE", variable).replaceAll("NAME", kind === "method" ? variable : name),
    { flag: "wx" },
  );
}

if (kind === "method") {
  await add(`src/concepts/${file}.ts`, "method.ts.txt");
  await edit("src/concepts/methods.ts", (s) =>
    s
      .replace(/\nimport \{ nmf \}/, `\nimport { ${variable} } from "./${file}.js";\nimport { nmf }`)
      .replace(/(Record<[^,]*?)(, ConceptMethod>)/, `$1 | "${variable}"$2`)
      .replace(/(= \{[^}]*?) \};/, `$1, ${variable} };`),
  );
  await edit("src/contract/config.ts", (s) => s.replace(/(METHODS = \[[^\]]*?)\]/, `$1, "${variable}"]`));
} else {
  await add(`src/similarity/controls/${file}.ts`, "measure.ts.txt");
  await edit("src/similarity/controls/controls.ts", (s) =>
    s
      .replace(/\nimport \{ mutualKnn \}/, `\nimport { ${variable} } from "./${file}.js";\nimport { mutualKnn }`)
      .replace(/(\[cka[^\]]*?)\]\.map/, `$1, ${variable}].map`),
  );
  await edit("src/contract/trust.ts", (s) =>
    s.replace(/(CONTROL_IDS = \[[\s\S]*?)\n\] as const/, `$1\n  "${name}",\n] as const`),
  );
}
console.log(`${name} is there: npm run format && npm run build && npm test`);
