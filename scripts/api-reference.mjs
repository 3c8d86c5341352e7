// What the entries of the package export, with signatures and docstrings, as one Markdown page: node scripts/api-reference.mjs > api-reference.md
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
export const ENTRIES = {
  samesight: "src/index.ts",
  "samesight/node": "src/node/index.ts",
  "samesight/browser": "src/browser/index.ts",
  "samesight/onnx": "src/onnx/index.ts",
};
/** Generated from the ONNX project's own description of the format, which is its documentation. */
const GENERATED = /onnx_pb\.ts$/;
const LONGEST_TYPE = 240;

/** Every export of every entry: { entry, name, kind, signature, doc, file, throws }. */
export function readApi(entries = ENTRIES) {
  const files = Object.values(entries).map((f) => join(root, f));
  const config = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile).config.compilerOptions;
  const options = ts.convertCompilerOptionsFromJson(config, root).options;
  const program = ts.createProgram(files, {
    ...options,
    noEmit: true,
    composite: false,
    incremental: false,
    rootDir: root,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
  });
  const checker = program.getTypeChecker();
  return Object.entries(entries).flatMap(([entry, file]) => {
    const source = program.getSourceFile(join(root, file));
    const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source));
    return exported.map((alias) => {
      const symbol = alias.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(alias) : alias;
      const declaration = symbol.declarations[0];
      return {
        entry,
        name: alias.name,
        kind: kindOf(declaration),
        signature: signatureOf(declaration, symbol, checker),
        doc: ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim(),
        file: relative(root, declaration.getSourceFile().fileName),
        throws: throwsItself(declaration),
      };
    });
  });
}

/** What a reader would miss: exports without a docstring, and functions that throw by themselves and do not say so. As "entry: name: what". */
export function undocumented(api) {
  return api
    .filter((e) => !GENERATED.test(e.file))
    .flatMap((e) => {
      if (e.doc === "") return [`${e.entry}: ${e.name}: no docstring (${e.file})`];
      if (e.throws && !/throw/i.test(e.doc)) return [`${e.entry}: ${e.name}: does not say what it throws (${e.file})`];
      return [];
    });
}

export function apiMarkdown(api) {
  const parts = [
    "# API reference",
    "",
    "Made from the source. The guide with examples is [the API page](api.md); files and columns are in [formats](formats.md).",
  ];
  for (const entry of [...new Set(api.map((e) => e.entry))]) {
    parts.push("", `## ${entry}`);
    const own = api.filter((e) => e.entry === entry).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name, signature, doc, file } of own)
      parts.push(
        "",
        `### ${name}`,
        "",
        "```text",
        signature,
        "```",
        "",
        doc.replace(/^ \* ?/gm, ""),
        "",
        `\`${file}\``,
      );
  }
  return `${parts.join("\n")}\n`;
}

function kindOf(d) {
  if (ts.isFunctionDeclaration(d)) return "function";
  if (ts.isInterfaceDeclaration(d)) return "interface";
  if (ts.isTypeAliasDeclaration(d)) return "type";
  if (ts.isClassDeclaration(d)) return "class";
  if (ts.isEnumDeclaration(d)) return "enum";
  return "const";
}

/** The declaration without bodies; of a constant its type, cut short where it is a schema's. */
function signatureOf(d, symbol, checker) {
  const plain = (text) => text.replace(/^export /, "").trim();
  if (ts.isFunctionDeclaration(d))
    return plain(d.getText().slice(0, d.body ? d.body.getStart() - d.getStart() : undefined));
  if (ts.isClassDeclaration(d)) {
    const head = d.getText().slice(0, d.members.pos - d.getStart());
    const members = d.members.map(
      (m) =>
        `  ${m
          .getText()
          .slice(0, m.body ? m.body.getStart() - m.getStart() : undefined)
          .trim()}`,
    );
    return plain(`${head}\n${members.join("\n")}\n}`);
  }
  if (ts.isVariableDeclaration(d)) {
    const type = checker.typeToString(checker.getTypeOfSymbolAtLocation(symbol, d), d, ts.TypeFormatFlags.NoTruncation);
    return `const ${symbol.name}: ${type.length > LONGEST_TYPE ? `${type.slice(0, LONGEST_TYPE)}...` : type}`;
  }
  if (ts.isEnumDeclaration(d)) return `enum ${symbol.name} { ${d.members.map((m) => m.name.getText()).join(", ")} }`;
  return plain(d.getText());
}

/** Whether a function's own body has a throw of ours (not those of functions within it). */
function throwsItself(d) {
  if (!ts.isFunctionDeclaration(d) || !d.body) return false;
  let found = false;
  const visit = (n) => {
    if (ts.isFunctionLike(n)) return;
    if (ts.isThrowStatement(n)) found = true;
    ts.forEachChild(n, visit);
  };
  ts.forEachChild(d.body, visit);
  return found;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const api = readApi();
  for (const line of undocumented(api)) console.error(line);
  console.log(apiMarkdown(api));
}
