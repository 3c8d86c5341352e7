import { FACE_PARTS, outlineOf } from "../../dataset/labels/faces/parts.js";
import type { LabelObject, LabelReader, PhotoLabels } from "../../dataset/labels/photo.js";
import { paintEllipse, paintPolygon } from "../../dataset/labels/shapes.js";
import type { ImageRef } from "../../dataset/types.js";
import type { FetchOptions } from "../zoo/fetch.js";
import { FACE_TEACHER } from "../zoo/teachers.js";
import type { Faces } from "./faces.js";
import { facesOf } from "./faces.js";

/** Face parts drawn by a teacher on the study's own photographs; what it finds is kept in the store. */
export function facepartsReader(options: FetchOptions = {}): LabelReader {
  return {
    source: { path: "zoo:faceparts", format: "faceparts", teacher: FACE_TEACHER.title, licence: FACE_TEACHER.licence },
    classes: Object.entries(FACE_PARTS).map(([name, { partOf }]) => ({ name, ...(partOf ? { partOf } : {}) })),
    problems: [],
    examples: [],
    async read(image) {
      const { faces, key } = await facesOf(image, options);
      return labelsOf(faces, image, key);
    },
  };
}

function labelsOf({ landmarks, ignored }: Faces, image: ImageRef, hash: string): PhotoLabels {
  const where = `faces of ${image.id.replace(/#.*$/, "")}`;
  const objects = new Map<string, LabelObject[]>();
  for (const name of Object.keys(FACE_PARTS)) {
    if (landmarks.length === 0) continue;
    objects.set(
      name,
      landmarks.map((points, i) => ({
        where: `${where}: face ${i + 1}`,
        crowd: false,
        bounds: boundsOf(outlineOf(name, points)),
        paint: (canvas) => paintPolygon(canvas, outlineOf(name, points)),
      })),
    );
  }
  return {
    size: undefined,
    hash,
    where,
    objects,
    ...(ignored.length > 0
      ? {
          paintIgnored: (canvas) =>
            ignored.forEach(([x, y, w, h]) => {
              paintEllipse(canvas, x, y, w, h);
            }),
        }
      : {}),
  };
}

/** A pixel of room, for rounding. */
function boundsOf(xy: readonly number[]) {
  const xs = xy.filter((_, i) => i % 2 === 0);
  const ys = xy.filter((_, i) => i % 2 === 1);
  return { x0: Math.min(...xs) - 1, y0: Math.min(...ys) - 1, x1: Math.max(...xs) + 1, y1: Math.max(...ys) + 1 };
}
