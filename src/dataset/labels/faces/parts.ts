/**
 * Outlines of face parts as landmarks of MediaPipe's face mesh, in order around the part. Left and right are the subject's. Oval, eyes, brows and lips are MediaPipe's own
 * contours (face_mesh_connections); it has none of the nose: the bridge between the eyes, down its flanks, around the wings, along the foot.
 */
export const FACE_PARTS: Readonly<Record<string, { readonly outline: readonly number[]; readonly partOf?: string }>> = {
  face: {
    outline: [
      10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
      136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
    ],
  },
  right_eye: { outline: [33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246], partOf: "face" },
  left_eye: {
    outline: [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466],
    partOf: "face",
  },
  right_eyebrow: { outline: [70, 63, 105, 66, 107, 55, 65, 52, 53, 46], partOf: "face" },
  left_eyebrow: { outline: [300, 293, 334, 296, 336, 285, 295, 282, 283, 276], partOf: "face" },
  nose: {
    outline: [168, 122, 174, 198, 49, 48, 64, 98, 97, 2, 326, 327, 294, 278, 279, 420, 399, 351],
    partOf: "face",
  },
  mouth: {
    outline: [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146],
    partOf: "face",
  },
};

/** Outline of a part, x and y alternating, from landmarks in the photograph. */
export function outlineOf(part: string, landmarks: Float32Array): number[] {
  return FACE_PARTS[part]!.outline.flatMap((i) => [landmarks[2 * i]!, landmarks[2 * i + 1]!]);
}
