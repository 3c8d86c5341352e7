// docs/*.md, README.md, CONTRIBUTING.md and CHANGELOG.md -> a folder of plain pages: node scripts/build-docs.mjs [OUT]. Throws for a link that leads nowhere.
import { cp, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Marked } from "marked";
import { apiMarkdown, readApi } from "./api-reference.mjs";

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

/** Links of built pages that lead to no page or to no anchor of it, as "page: link". */
export async function deadHrefs(out) {
  const files = (await readdir(out)).filter((f) => f.endsWith(".html"));
  const html = new Map();
  for (const f of files) html.set(f, await readFile(join(out, f), "utf8"));
  const ids = new Map(
    [...html].map(([f, text]) => [f, new Set([...text.matchAll(/ id="([^"]*)"/g)].map((m) => m[1]))]),
  );
  const dead = [];
  for (const [page, text] of html) {
    for (const [, link] of text.matchAll(/ (?:href|src)="([^"]*)"/g)) {
      if (/^(https?|data|mailto):/.test(link)) continue;
      const [file, anchor] = link.split("#");
      const target = file || page;
      const there =
        html.has(target) ||
        (await stat(join(out, target)).then(
          () => true,
          () => false,
        ));
      if (!there || (anchor && !ids.get(target)?.has(decodeURIComponent(anchor)))) dead.push(`${page}: ${link}`);
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
    "api-reference",
    "comparison",
    "limits",
    "performance",
  ]
    .filter((n) => n === "api-reference" || pages.has(`docs/${n}.md`))
    .map((n) => `<a href="${n}.html">${n.replace("-", " ")}</a>`)
    .join("");
  await mkdir(out, { recursive: true });
  const files = new Set();
  pages.set("docs/api-reference.md", { text: apiMarkdown(readApi()), headings: [], links: [] });
  for (const [path, { text }] of pages) {
    // a page by its flat name; another file of the repository is copied along under its own path
    const place = (href) => {
      if (/^(https?|data|mailto):/.test(href) || href.startsWith("#")) return href;
      const [file, anchor] = href.split("#");
      const target = normalize(join(dirname(path), file));
      if (pages.has(target)) return `${flat(target)}${anchor ? `#${anchor}` : ""}`;
      files.add(target);
      return target;
    };
    const marked = new Marked({
      renderer: {
        heading({ tokens, depth, text: words }) {
          return `<h${depth} id="${slug(words)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
        },
        link({ href, tokens }) {
          return `<a href="${place(href)}">${this.parser.parseInline(tokens)}</a>`;
        },
        image({ href, text: words }) {
          return `<img src="${place(href)}" alt="${words.replaceAll('"', "&quot;")}">`;
        },
      },
    });
    const title = /^# (.+)$/m.exec(text)?.[1] ?? "samesight";
    const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head><body><nav>${nav}</nav><main>${await marked.parse(text)}</main></body></html>\n`;
    await writeFile(join(out, flat(path)), page);
  }
  for (const file of files) {
    await mkdir(dirname(join(out, file)), { recursive: true });
    await cp(join(root, file), join(out, file), { recursive: true });
  }
  const broken = await deadHrefs(out);
  if (broken.length > 0) throw new Error(`links of built pages that lead nowhere:\n${broken.join("\n")}`);
  return pages.size;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const out = process.argv[2] ?? join(root, "dist/docs");
  console.log(`${await buildDocs(out)} pages in ${out}`);
}
