import type { TensorValue } from "../numerics/engine.js";
import type { TensorFile, TensorShape } from "./safetensors.js";
import { bytesOf, readSafetensors, safetensorsLayout } from "./safetensors.js";

/** Writes values of one tensor, from byte `from` of it on. What is never written is zero. */
export type WritePiece = (name: string, from: number, data: TensorValue["data"]) => Promise<void>;

/**
 * Results of finished work, under keys made from everything that determines them. Written once, whole or not at all.
 * `get` answers undefined for what is absent or damaged: then the work is done again.
 */
export interface Store {
  /** The tensors of that name alone when `names` are given; a name that the file lacks is left out. */
  get(key: string, names?: readonly string[]): Promise<TensorFile | undefined>;
  has(key: string): Promise<boolean>;
  /** `lasting: false`: what a power cut may take, as it is easily made again; spares a wait for the disk. */
  put(key: string, file: TensorFile, options?: { readonly lasting?: boolean }): Promise<void>;
  /** The same for what should not be held whole: `fill` writes the tensors in pieces, in any order. Throws what `fill` throws, and keeps nothing then. */
  putPieces(
    key: string,
    shapes: Readonly<Record<string, TensorShape>>,
    metadata: TensorFile["metadata"],
    fill: (write: WritePiece) => Promise<void>,
  ): Promise<void>;
}

/** What `putPieces` is to a store that keeps files in memory: the file, once it is filled. */
export async function filled(
  shapes: Readonly<Record<string, TensorShape>>,
  metadata: TensorFile["metadata"],
  fill: (write: WritePiece) => Promise<void>,
): Promise<TensorFile> {
  const { head, places, size } = safetensorsLayout(shapes, metadata);
  const file = new Uint8Array(size);
  file.set(head);
  await fill(async (name, from, data) => file.set(bytesOf(data), places.get(name)!.from + from));
  return readSafetensors(file);
}
