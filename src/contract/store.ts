import type { TensorFile } from "./safetensors.js";

/**
 * Results of finished work, under keys made from everything that determines them. Written once, whole or not at all.
 * `get` answers undefined for what is absent or damaged: then the work is done again.
 */
export interface Store {
  get(key: string): Promise<TensorFile | undefined>;
  has(key: string): Promise<boolean>;
  put(key: string, file: TensorFile): Promise<void>;
}
