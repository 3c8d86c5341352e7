import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { isMap, isNode, LineCounter, parseDocument } from "yaml";
import type { StudyConfig, StudyConfigInput } from "../contract/config.js";
import { SamesightError } from "../errors.js";
import type { StudyFlags } from "./args.js";
import { withFlags } from "./args.js";
import type { Locate } from "./explain.js";
import { parseConfig } from "./explain.js";

/**
 * A study from a YAML or JSON file (YAML reads both), flags over it. Paths in it are relative to the file. Throws SamesightError `missing`,
 * `invalid` or `unknown`; the message starts with file and line.
 */
export async function readStudyFile(path: string, flags: StudyFlags = {}): Promise<StudyConfig> {
  if (path.endsWith(".onnx")) {
    throw new SamesightError("invalid", `${path} is a network, expected a study`, {
      hint: "samesight compare takes networks; samesight init writes a study of those in a folder.",
    });
  }
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new SamesightError("missing", `no file at ${path}`, {
      hint: "Give a study as YAML or JSON; samesight init writes one, samesight compare needs none.",
      cause,
    });
  });
  return parseStudy(text, path, flags);
}

/** Like `readStudyFile`, from text. `path` names the file in messages and is what its paths are relative to. */
export function parseStudy(text: string, path: string, flags: StudyFlags = {}): StudyConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: "error" });
  const fault = document.errors[0];
  if (fault) {
    const at = lines.linePos(fault.pos[0]);
    throw new SamesightError(
      "invalid",
      `${path}:${at.line}:${at.col}: ${fault.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "")}`,
      {
        hint: "Write the study as YAML or JSON.",
        cause: fault,
      },
    );
  }
  const locate: Locate = (steps, key) => {
    const holder = steps.length > 0 ? document.getIn(steps, true) : document.contents;
    const pair = key && isMap(holder) ? holder.items.find((p) => isNode(p.key) && String(p.key) === key) : undefined;
    const found = pair && isNode(pair.key) ? pair.key : isNode(holder) ? holder : undefined;
    if (!found?.range) return undefined;
    const { line, col } = lines.linePos(found.range[0]);
    return `${path}:${line}:${col}`;
  };
  const data = plainOf(document, path);
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new SamesightError("invalid", `${path}: holds no study`, { hint: "samesight init writes one." });
  }
  parseConfig(data, path, locate);
  // checked as written first: the line of a fault is the file's, not a flag's
  return parseConfig(withFlags(relativeTo(data as StudyConfigInput, dirname(path)), flags), path);
}

/** YAML's aliases are followed here, and some lead nowhere or to more than a study can hold. */
function plainOf(document: { toJS(): unknown }, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    const what = cause instanceof Error ? cause.message.split("\n")[0]!.slice(0, 200) : String(cause);
    throw new SamesightError("invalid", `${path}: ${what}`, { hint: "Write the study as YAML or JSON.", cause });
  }
}

/** Keys of a study whose values are paths. */
const PATH_KEYS = ["images", "testImages"] as const;

function relativeTo(study: StudyConfigInput, folder: string): StudyConfigInput {
  const moved = (path: string) =>
    isAbsolute(path) || folder === "." ? path : relative(".", resolve(join(folder, path)));
  return {
    ...study,
    ...Object.fromEntries(PATH_KEYS.flatMap((k) => (study[k] === undefined ? [] : [[k, moved(study[k])]]))),
    ...(study.labels
      ? {
          labels: {
            ...study.labels,
            path: [study.labels.path].flat().map((p) => (p.startsWith("zoo:") ? p : moved(p))),
            ...(study.labels.classes === undefined ? {} : { classes: moved(study.labels.classes) }),
          },
        }
      : {}),
    networks: study.networks.map((n) => ({
      ...n,
      source: n.source.startsWith("zoo:") ? n.source : moved(n.source),
      ...(typeof n.preprocess === "string" ? { preprocess: moved(n.preprocess) } : {}),
    })),
  };
}
