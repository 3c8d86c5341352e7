import type { InputInfo } from "../types.js";
import type { FoundPreprocessing } from "./found.js";
import { finished } from "./found.js";

/** Tasks whose images are letterboxed; `classify` resizes the shorter side and cuts the centre. */
const LETTERBOXED: ReadonlySet<string> = new Set(["", "detect", "segment", "pose", "obb"]);

/**
 * What Ultralytics' exporters write into `metadata_props`, all of it as Python's text: stride "32", names "{0: 'person', ...}", and since YOLOv8
 * imgsz "[640, 640]" (height first), task "detect", batch "1". Undefined where the keys are not theirs.
 * Their predictor letterboxes with cv2's bilinear (no antialiasing), grey 114, RGB / 255; classifiers resize with Pillow and cut the centre.
 */
export function fromUltralytics(
  metadata: Readonly<Record<string, string>>,
  input: InputInfo,
  where: string,
): FoundPreprocessing | undefined {
  const stride = numbers(metadata.stride);
  if (!/ultralytics/i.test(metadata.author ?? "") && !(stride.length > 0 && metadata.names?.startsWith("{"))) {
    return undefined;
  }
  const [height, width = height] = numbers(metadata.imgsz);
  const task = (metadata.task ?? "").toLowerCase();
  const notes: string[] = [];
  if (!LETTERBOXED.has(task) && task !== "classify") notes.push(`Ultralytics task '${task}' is new here: letterboxed`);
  const scale = input.type === "uint8" ? 1 : 1 / 255;
  const rest =
    task === "classify"
      ? ({ scale, resize: "crop" } as const)
      : ({ scale, resize: "letterbox", antialias: false } as const);
  const size = { ...(height ? { height } : {}), ...(width ? { width } : {}) };
  const preprocessing = finished(rest, size, input, where, "its Ultralytics metadata (imgsz)");
  return { preprocessing, origin: "ultralytics", notes };
}

/** Class names in order, from Python's `{0: 'person', 1: "child's toy"}` or a list; empty where there are none. */
export function classNames(metadata: Readonly<Record<string, string>>): string[] {
  const text = metadata.names ?? "";
  return [...text.matchAll(/(?:(\d+)\s*:\s*)?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)].map((m) =>
    (m[2] ?? m[3] ?? "").replace(/\\(.)/g, "$1"),
  );
}

function numbers(text: string | undefined): number[] {
  return (text?.match(/\d+/g) ?? []).map(Number).filter((n) => n > 0);
}
