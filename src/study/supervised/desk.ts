import type { TensorFile } from "../../contract/safetensors.js";
import type { Environment } from "../../study.js";
import type { Context } from "../context.js";
import { loaded } from "../context.js";
import { interrupted } from "../executor.js";

/** What the supervised steps work with: the study's networks, trained ones first, then their twins. */
export interface Desk {
  readonly env: Environment;
  readonly context: Context;
}

/** An artifact from the store, or made and kept. Throws SamesightError `interrupted` between two pieces of work when the user stopped. */
export function kept(env: Environment, key: string, make: () => Promise<TensorFile>): Promise<TensorFile> {
  return loaded(env, key, async () => {
    if (env.stopped()) throw interrupted();
    await env.store.put(key, await make());
  });
}
