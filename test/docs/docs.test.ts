/**
 * README and docs: links lead somewhere, and every code block runs or is read. `sh`, `js` and `python` blocks of a page run in order in one folder that has networks
 * and photographs; `json` and `yaml` blocks are read by our own schemas; `text` marks what is output or needs another machine.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { buildDocs, deadHrefs, deadLinks, readDocs, slug } from "../../scripts/build-docs.mjs";
import { parseStudy } from "../../src/cli/studyfile.js";
import { parsePreprocessing } from "../../src/node/preprocessing.js";
import { emptyFolder, photographs } from "../e2e/support.js";
import { Net } from "../model/nets.js";

const root = join(import.meta.dirname, "../..");
const pages = await readDocs();
const python = "/usr/bin/python3";
const torch = spawnSync(python, ["-c", "import torch"]).status === 0;
const built = existsSync(join(root, "dist/cli/main.js"));

interface Block {
  readonly language: string;
  readonly code: string;
}
/** Enough channels for ten concepts in every layer. */
function network(width: number): Uint8Array {
  const net = new Net();
  let from = "image";
  for (const [i, stride] of [2, 1, 2, 1].entries())
    from = net.op("Relu", [net.conv(from, `conv${i}`, width, { stride })], `relu${i}`);
  net.conv(from, "out", 4, { kernel: 1 });
  return net.bytes(["out"]);
}

const blocksOf = (text: string): Block[] =>
  [...text.matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm)].map((m) => ({ language: m[1]!, code: m[2]! }));
/** Held by a test of its own, which makes the files that it describes: test/node/labels/docs.test.ts. */
const ELSEWHERE = new Set(["docs/labels.md"]);
const RUN = new Set(["sh", "js", "python"]);
const READ = new Set(["json", "yaml"]);
/** Commands of a clean clone, run by CI itself (.ci/run, scripts/check-package.sh). */
const CLONE = /^npm (ci|run|test|install)\b/;

describe("links", () => {
  test("of README and docs lead somewhere", async () => {
    expect(pages.size).toBeGreaterThan(8);
    expect(await deadLinks(pages)).toEqual([]);
  });
  test("a dead link is found", async () => {
    const page = { text: "", headings: ["a"], links: ["nowhere.md", "#b", "#a", "limits.md#no-such"] };
    expect(await deadLinks(new Map([...pages, ["docs/x.md", page]]))).toEqual([
      "docs/x.md: nowhere.md",
      "docs/x.md: #b",
      "docs/x.md: limits.md#no-such",
    ]);
    expect(slug("Say how `x` wants, its images")).toBe("say-how-x-wants-its-images");
  });
  test("the site is built", async () => {
    const out = emptyFolder("docs");
    expect(await buildDocs(out)).toBe(pages.size + 1); // the reference is made on the way
    expect(readFileSync(join(out, "tutorial.html"), "utf8")).toContain(
      'href="how-to.html#say-how-a-network-wants-its-images"',
    );
    expect(readdirSync(out).filter((f) => f.endsWith(".html"))).toHaveLength(pages.size + 1);
    expect(readFileSync(join(out, "api-reference.html"), "utf8")).toContain('<h3 id="runstudy">runStudy</h3>');
    expect(await deadHrefs(out)).toEqual([]);
  });
  test("a built page that leads to no page, no file or no anchor is found", async () => {
    const out = emptyFolder("docs");
    writeFileSync(
      join(out, "a.html"),
      '<h2 id="there"></h2><a href="#there"></a><a href="#gone"></a><img src="x.png">',
    );
    writeFileSync(join(out, "b.html"), '<a href="a.html#there"></a><a href="a.html#gone"></a><a href="c.html"></a>');
    expect(await deadHrefs(out)).toEqual(["a.html: #gone", "a.html: x.png", "b.html: a.html#gone", "b.html: c.html"]);
  });
});

test("the API page names every value that the entries export", async () => {
  const text = pages.get("docs/api.md")!.text;
  for (const entry of ["../../src/index.js", "../../src/node/index.js", "../../src/browser/index.js"]) {
    const names = Object.keys(await import(entry));
    expect(names.filter((n) => !text.includes(`\`${n}`))).toEqual([]);
  }
});

test("formats.md names every table of which a schema is published", () => {
  const { text } = pages.get("docs/formats.md")!;
  const tables = readdirSync(join(root, "schemas"))
    .map((file) => file.replace(".schema.json", ""))
    .filter((name) => !["study", "preprocessing", "run"].includes(name));
  expect(tables.filter((name) => !["csv", "parquet"].some((kind) => text.includes(`\`${name}.${kind}\``)))).toEqual([]);
});

test("every code block says what it is", () => {
  const odd = [...pages].flatMap(([path, { text }]) =>
    blocksOf(text)
      .filter((b) => !RUN.has(b.language) && !READ.has(b.language) && b.language !== "text")
      .map((b) => `${path}: '${b.language}' ${b.code.slice(0, 40)}`),
  );
  expect(odd).toEqual([]);
});

/** Masks of `photographs`, a folder a concept: a disc at a place of its own. */
async function masks(dir: string, concepts: readonly string[], count: number): Promise<void> {
  const [width, height] = [64, 48];
  for (const [c, concept] of concepts.entries()) {
    mkdirSync(join(dir, concept), { recursive: true });
    for (let i = 0; i < count; i++) {
      // a probe needs photographs without the concept, too
      if (i % 3 === Math.min(c, 1)) continue;
      const [cx, cy] = [12 + 13 * c, 12 + ((7 * i) % 24)];
      const data = Uint8Array.from({ length: width * height }, (_, p) =>
        ((p % width) - cx) ** 2 + (Math.floor(p / width) - cy) ** 2 < 100 ? 255 : 0,
      );
      const file = join(dir, concept, `p${String(i).padStart(3, "0")}.png`);
      await sharp(data, { raw: { width, height, channels: 1 } })
        .png()
        .toFile(file);
    }
  }
}

describe.each(
  [...pages].filter(([path, { text }]) => !ELSEWHERE.has(path) && blocksOf(text).some((b) => b.language !== "text")),
)("%s", (path, { text }) => {
  const dir = emptyFolder("page");
  const blocks = blocksOf(text);
  const needsTorch = blocks.some((b) => b.language === "python" && b.code.includes("torch"));
  beforeAll(async () => {
    const widths = needsTorch
      ? []
      : ([
          ["old", 12],
          ["new", 16],
        ] as const);
    for (const [name, width] of widths) writeFileSync(join(dir, `${name}.onnx`), network(width));
    // labelled studies need ten photographs a concept to fit on
    await photographs(30, join(dir, "photos"));
    if (text.includes("--labels masks")) await masks(join(dir, "masks"), ["person", "car", "bus", "truck"], 30);
    writeFileSync(join(dir, "pre.json"), JSON.stringify({ width: 32, height: 32 }));
    writeFileSync(join(dir, "package.json"), '{"type":"module"}');
    mkdirSync(join(dir, "node_modules"));
    symlinkSync(root, join(dir, "node_modules/samesight"));
    // the study that how-to.md shows is the file that its command names
    const study = blocks.find((b) => b.language === "yaml");
    if (study) writeFileSync(join(dir, "candidate.yaml"), study.code);
  });

  test.each(blocks.filter((b) => READ.has(b.language)))("$language: $code", ({ language, code }) => {
    if (language === "yaml") expect(parseStudy(code, path).networks.length).toBeGreaterThan(0);
    else expect(parsePreprocessing(JSON.parse(code), path).width).toBeGreaterThan(0);
  });

  const running = blocks.filter((b) => RUN.has(b.language));
  test.skipIf(running.length === 0 || !built || (needsTorch && !torch))(
    `its commands run${needsTorch && !torch ? " (skipped: no torch)" : ""}${built ? "" : " (skipped: not built)"}`,
    () => {
      const env = { ...process.env, SAMESIGHT_CACHE: join(dir, ".cache"), NO_COLOR: "1" };
      for (const { language, code } of running) {
        if (language === "python")
          execFileSync(python, ["-c", code], { cwd: dir, env, stdio: ["ignore", "ignore", "pipe"] });
        if (language === "js") {
          writeFileSync(join(dir, "block.mjs"), code);
          execFileSync(process.execPath, ["block.mjs"], { cwd: dir, env, stdio: ["ignore", "ignore", "pipe"] });
        }
        if (language !== "sh") continue;
        for (const line of code.replaceAll("\\\n", " ").split("\n")) {
          const command = line.replace(/\s+#.*$/, "").trim();
          if (command === "" || command.startsWith("#")) continue;
          if (CLONE.test(command)) {
            for (const [, script] of command.matchAll(/npm run ([\w:-]+)/g)) {
              expect(Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts)).toContain(
                script,
              );
            }
            continue;
          }
          expect(command).toMatch(/^npx samesight /);
          const run = (line: string) =>
            spawnSync(
              "sh",
              ["-c", line.replace("npx samesight", `"${process.execPath}" "${join(root, "dist/cli/main.js")}"`)],
              { cwd: dir, env, encoding: "utf8" },
            );
          if (command.startsWith("npx samesight demo")) {
            // minutes and 190 MB of downloads: here only its flags must be there (npm run check:demo runs it without them)
            const { stdout } = run("npx samesight demo --help");
            for (const [flag] of command.matchAll(/--[\w-]+/g)) expect(stdout).toContain(flag);
            continue;
          }
          const { status, stderr } = run(command);
          // 3: a check that was made and failed, as it should for another network
          expect([0, command.includes(" check ") ? 3 : 0], `${command}\n${stderr}`).toContain(status);
        }
      }
    },
    240_000,
  );
});
