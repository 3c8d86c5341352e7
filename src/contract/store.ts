import type { TensorFile } from "./safetensors.js";

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
}
