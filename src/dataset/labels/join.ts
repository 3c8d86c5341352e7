import { SamesightError } from "../../errors.js";
import type { LabelClass, LabelObject, LabelReader, PhotoLabels } from "./photo.js";

/** Several files or folders of labels as one set: classes of one name are one class, and a photograph may have labels in more than one. */
export function joinReaders(readers: readonly LabelReader[]): LabelReader {
  if (readers.length === 1) return readers[0]!;
  const classes = new Map<string, LabelClass>();
  for (const c of readers.flatMap((r) => r.classes)) if (!classes.has(c.name)) classes.set(c.name, c);
  return {
    source: {
      path: readers.map((r) => r.source.path).join(", "),
      format: [...new Set(readers.map((r) => r.source.format))].join(", "),
    },
    classes: [...classes.values()],
    problems: readers.flatMap((r) => r.problems),
    examples: readers.flatMap((r) => r.examples.slice(0, 1)),
    async read(image) {
      const found: PhotoLabels[] = [];
      for (const reader of readers) {
        const labels = await reader.read(image);
        if (labels) found.push(labels);
      }
      return found.length < 2 ? found[0] : found.reduce(joined);
    },
  };
}

function joined(a: PhotoLabels, b: PhotoLabels): PhotoLabels {
  const size = a.size ?? b.size;
  if (a.size && b.size && (a.size.width !== b.size.width || a.size.height !== b.size.height)) {
    throw new SamesightError(
      "invalid",
      `${b.where}: ${b.size.width} x ${b.size.height} pixels, ${a.where} has ${a.size.width} x ${a.size.height}`,
      { hint: "Labels of one photograph must have one size." },
    );
  }
  const objects = new Map<string, readonly LabelObject[]>(a.objects);
  for (const [name, more] of b.objects) objects.set(name, [...(objects.get(name) ?? []), ...more]);
  const ignored = [a.paintIgnored, b.paintIgnored].filter((p) => p !== undefined);
  return {
    size,
    hash: `${a.hash} ${b.hash}`,
    where: a.where,
    objects,
    ...(ignored.length > 0
      ? {
          paintIgnored: (canvas) =>
            ignored.forEach((paint) => {
              paint(canvas);
            }),
        }
      : {}),
  };
}
