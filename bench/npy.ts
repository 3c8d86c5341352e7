import { closeSync, openSync, readSync, writeFileSync } from "node:fs";

const TYPES = { "<f4": Float32Array, "<f8": Float64Array, "<i4": Int32Array, "|u1": Uint8Array, "<u4": Uint32Array };
type Type = keyof typeof TYPES;

/** A C-ordered array as numpy reads it (format version 1.0). */
export function writeNpy(file: string, data: ArrayBufferView, shape: readonly number[]): void {
  const type = (Object.keys(TYPES) as Type[]).find((t) => data instanceof TYPES[t]);
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${dims}), }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.from(`\x93NUMPY\x01\x00..${header}`, "latin1");
  head.writeUInt16LE(header.length, 8);
  writeFileSync(file, Buffer.concat([head, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]));
}

/** Reads what numpy.save wrote, C order. Read in pieces: files may exceed 2 GiB. */
export function readNpy(file: string): { data: Float32Array; shape: number[] } {
  const fd = openSync(file, "r");
  const head = new Uint8Array(10);
  readSync(fd, head, 0, 10, 0);
  const length = head[8]! + 256 * head[9]!;
  const header = Buffer.alloc(length);
  readSync(fd, header, 0, length, 10);
  const [, type, dims] = /'descr': '([^']+)'.*'shape': \(([^)]*)\)/.exec(header.toString("latin1"))!;
  if (type !== "<f4") throw new Error(`${file}: ${type} is not float32`);
  const shape = dims!
    .split(",")
    .filter((d) => d.trim())
    .map(Number);
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const bytes = new Uint8Array(data.buffer);
  for (let at = 0; at < bytes.length; )
    at += readSync(fd, bytes, at, Math.min(1 << 28, bytes.length - at), 10 + length + at);
  closeSync(fd);
  return { data, shape };
}
