// docs/*.md, README.md, CONTRIBUTING.md and CHANGELOG.md -> a folder of plain pages: node scripts/build-docs.mjs [OUT]. Throws for a link that leads nowhere.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Marked } from "marked";

const root = fileURLToPath(new URL("..", import.meta.url));
const TOP = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"];

/** As GitHub makes anchors of headings. */
export const slug = (text) =>
  text
    .toLowerCase()
    .replace(/`/g, "")
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

/** Pages by path in the repository: their text, headings and links. */
export async function readDocs() {
  const docs = (await readdir(join(root, "docs"))).filter((f) => f.endsWith(".md")).map((f) => `docs/${f}`);
  const pages = new Map();
  for (const path of [...docs, ...TOP]) {
    const text = await readFile(join(root, path), "utf8").catch(() => undefined);
    if (text === undefined) continue;
    const prose = text.replace(/```[\s\S]*?```/g, "");
    const headings = [...prose.matchAll(/^#+ (.+)$/gm)].map((m) => slug(m[1]));
    const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((m) => m[1]);
    pages.set(path, { text, headings, links });
  }
  return pages;
}

/** Links inside the repository that lead nowhere, as "page: link". */
export async function deadLinks(pages) {
  const dead = [];
  for (const [path, { links, headings }] of pages) {
    for (const link of links) {
      if (/^https?:/.test(link)) continue;
      const [file, anchor] = link.split("#");
      const target = file ? normalize(join(dirname(path), file)) : path;
      const there =
        pages.has(target) ||
        (await readFile(join(root, target)).then(
          () => true,
          () => false,
        ));
      const known = file ? pages.get(target)?.headings : headings;
      if (!there || (anchor && known && !known.includes(anchor))) dead.push(`${path}: ${link}`);
    }
  }
  return dead;
}

const STYLE = `body{font:17px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}nav a{margin-right:1rem}
pre{background:#f4f4f4;padding:1rem;overflow:auto;font-size:.85rem}code{font-family:ui-monospace,monospace}table{border-collapse:collapse;display:block;overflow:auto;font-size:.9rem}
td,th{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}a{color:#0550ae}`;

export async function buildDocs(out) {
  const pages = await readDocs();
  const dead = await deadLinks(pages);
  if (dead.length > 0) throw new Error(`links that lead nowhere:\n${dead.join("\n")}`);
  const flat = (path) =>
    path
      .replace(/^docs\//, "")
      .replace(/\.md$/, ".html")
      .toLowerCase();
  const nav = [
    "index",
    "tutorial",
    "how-to",
    "methods",
    "labels",
    "formats",
    "api",
    "comparison",
    "limits",
    "performance",
  ]
    .filter((n) => pages.has(`docs/${n}.md`))
    .map((n) => `<a href="${n}.html">${n.replace("-", " ")}</a>`)
    .join("");
  await mkdir(out, { recursive: true });
  for (const [path, { text }] of pages) {
    const marked = new Marked({
      renderer: {
        heading({ tokens, depth, text: words }) {
          return `<h${depth} id="${slug(words)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
        },
        link({ href, tokens }) {
          const [file, anchor] = href.split("#");
          const target = file && !/^https?:/.test(href) ? normalize(join(dirname(path), file)) : undefined;
          const to = target && pages.has(target) ? `${flat(target)}${anchor ? `#${anchor}` : ""}` : href;
          return `<a href="${to}">${this.parser.parseInline(tokens)}</a>`;
        },
      },
    });
    const title = /^# (.+)$/m.exec(text)?.[1] ?? "samesight";
    const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head><body><nav>${nav}</nav><main>${await marked.parse(text)}</main></body></html>\n`;
    await writeFile(join(out, flat(path)), page);
  }
  return pages.size;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const out = process.argv[2] ?? join(root, "dist/docs");
  console.log(`${await buildDocs(out)} pages in ${out}`);
}
