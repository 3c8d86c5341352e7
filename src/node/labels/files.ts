import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { SamesightError } from "../../errors.js";

/** Text beyond this is no label file; V8 also ends strings near it. */
const MOST_TEXT = 500_000_000;

export interface LabelFile {
  readonly path: string;
  /** Slash-separated, relative to the folder of labels. */
  readonly name: string;
}

/** Files below a folder with one of the endings (lower case, with dot), sorted; hidden ones aside. */
export async function filesBelow(dir: string, endings: readonly string[]): Promise<LabelFile[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw new SamesightError("invalid", `the folder ${dir} may not be read`, { hint: "Check its permissions.", cause });
  });
  return entries
    .filter((e) => !e.isDirectory() && endings.includes(extname(e.name).toLowerCase()) && !e.name.startsWith("."))
    .map((e) => join(e.parentPath, e.name))
    .map((path) => ({ path, name: relative(dir, path).split(sep).join("/") }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (s) => s.isDirectory(),
    () => false,
  );
}

/** Throws SamesightError `missing` or `invalid`; the message begins with `name`. */
export async function readBytes(path: string, name = path): Promise<Uint8Array> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const gone = cause.code === "ENOENT";
    throw new SamesightError(
      gone ? "missing" : "invalid",
      `${name}: ${gone ? "is not there" : `may not be read (${cause.code})`}`,
      {
        hint: gone ? "Check the path of the labels." : "Check its permissions.",
        cause,
      },
    );
  });
}

export async function readText(path: string, name = path): Promise<string> {
  const info = await stat(path).catch(() => undefined);
  if (info && info.size > MOST_TEXT) {
    throw new SamesightError("unsupported", `${name}: larger than ${MOST_TEXT / 1e6} megabytes`, {
      hint: "Split it, one file a part of the photographs, and give --labels for each.",
    });
  }
  const text = new TextDecoder().decode(await readBytes(path, name));
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** Throws SamesightError `invalid` with the place, where the parser tells it. */
export async function readJson(path: string, name = path): Promise<unknown> {
  const text = await readText(path, name);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = (cause as Error).message.replace(/\s+/g, " ");
    const position = /position (\d+)/.exec(why)?.[1];
    const before = position === undefined ? undefined : text.slice(0, Number(position)).split("\n");
    const place = before ? `${name}:${before.length}:${before.at(-1)!.length + 1}` : name;
    throw new SamesightError("invalid", `${place}: not JSON (${why.slice(0, 120)})`, {
      hint: "The file is torn or not what it is taken for; export it again.",
      cause,
    });
  }
}
