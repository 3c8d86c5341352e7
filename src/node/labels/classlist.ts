import { readdir } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { parse as parseYaml } from "yaml";
import type { ClassList } from "../../dataset/labels/classes.js";
import { classesFromDocument, classesFromText, isRecord } from "../../dataset/labels/classes.js";
import { SamesightError } from "../../errors.js";
import { isFolder, readJson, readText } from "./files.js";

/** By what a class list is called beside labels; the first that is there counts. */
const NAMES = /^(classes|class_names|names|labels|label_names|categories|data|dataset)\.(ya?ml|json|txt|names)$/i;
/** Folders above the labels that are searched too: labels/val -> labels -> the data set. */
const FOLDERS_UP = 2;

/** A class list from a YAML, JSON or text file. Throws SamesightError `missing` or `invalid` naming file and entry. */
export async function readClassList(path: string): Promise<ClassList> {
  const ending = extname(path).toLowerCase();
  if (ending === ".json") return classesFromDocument(await readJson(path), path);
  const text = await readText(path);
  if (ending !== ".yaml" && ending !== ".yml") return classesFromText(text, path);
  let document: unknown;
  try {
    document = parseYaml(text, { maxAliasCount: 0 });
  } catch (cause) {
    throw new SamesightError("invalid", `${path}: ${(cause as Error).message.split("\n")[0]}`, {
      hint: "Write names: {0: person, 1: car}.",
      cause,
    });
  }
  return classesFromDocument(document, path);
}

/** The class list beside labels: in their folder or up to two above. */
export async function findClassList(path: string): Promise<string | undefined> {
  let dir = (await isFolder(path)) ? resolve(path) : dirname(resolve(path));
  for (let up = 0; up <= FOLDERS_UP; up++) {
    const names = await readdir(dir).catch(() => []);
    for (const name of names.filter((n) => NAMES.test(n)).sort()) {
      if (await holdsClasses(join(dir, name))) return join(dir, name);
    }
    dir = dirname(dir);
  }
  return undefined;
}

/** Other documents may have such names too (a COCO labels.json): only what reads as a class list is one. A damaged text or YAML file is still meant. */
async function holdsClasses(path: string): Promise<boolean> {
  if (extname(path).toLowerCase() !== ".json") return true;
  const document = await readJson(path).catch(() => undefined);
  return !(isRecord(document) && ("annotations" in document || "images" in document)) && document !== undefined;
}

/** The list given, or the one found. Throws SamesightError `missing` with what to do. */
export async function classListOf(path: string, given: string | undefined): Promise<{ list: ClassList; file: string }> {
  const file = given ?? (await findClassList(path));
  if (file) return { list: await readClassList(file), file };
  throw new SamesightError("missing", `${path}: no class list beside the labels`, {
    hint: "Put classes.yaml there (names: {0: person}), or name it: labels.classes, --label-classes FILE.",
  });
}
