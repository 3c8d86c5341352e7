/**
 * ITU-R 601 luminance as Pillow's convert("L") has it, in 16 bits of fixed point: (19595 R + 38470 G + 7471 B + 32768) / 65536, whole part. RGB in, the grey value
 * three times out.
 */
export function luminance(rgb: Uint8Array): Uint8Array {
  const out = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3)
    out.fill((19595 * rgb[i]! + 38470 * rgb[i + 1]! + 7471 * rgb[i + 2]! + 0x8000) >> 16, i, i + 3);
  return out;
}
