import type { Forward } from "../activations/forward.js";
import { forwardOf } from "../activations/forward.js";
import type { TensorFile } from "../contract/safetensors.js";
import { SamesightError } from "../errors.js";
import type { Kernel } from "../numerics/engine.js";
import type { Outside, Study } from "../study.js";
import type { Plan } from "./plan.js";
import { CODE_VERSION, planOf } from "./plan.js";

/** What every step works with, in the main thread and in workers alike. */
export interface Context extends Outside {
  readonly study: Study;
  readonly plan: Plan;
  /** A network ready to run; one session each, made when first asked for and used until `rest`. */
  session(network: number): Promise<Forward>;
  /** Lets go of all sessions. */
  rest(): Promise<void>;
}

export function openContext(study: Study, outside: Outside): Context {
  const kept = new Map<number, Promise<{ kernel: Kernel; forward: Forward }>>();
  let plan: Plan | undefined;
  return {
    engine: outside.engine,
    store: outside.store,
    decode: outside.decode,
    hash: outside.hash,
    ...(outside.activationBytes === undefined ? {} : { activationBytes: outside.activationBytes }),
    study,
    get plan() {
      plan ??= planOf(study, outside.hash);
      return plan;
    },
    async session(network) {
      let made = kept.get(network);
      if (!made) {
        const { tapped, inputName, taps } = study.networks[network]!;
        made = outside.engine
          .compile(tapped)
          .then((kernel) => ({ kernel, forward: forwardOf(kernel, inputName, taps) }));
        kept.set(network, made);
      }
      return (await made).forward;
    },
    async rest() {
      const sessions = [...kept.values()];
      kept.clear();
      for (const session of sessions) await (await session).kernel.release();
    },
  };
}

/** A key from everything that determines a result. */
export function keyOf({ hash }: Pick<Outside, "hash">, ...parts: readonly unknown[]): string {
  return hash(JSON.stringify([CODE_VERSION, ...parts]));
}

/** An artifact, or some of its tensors; made first when the store has it not (never had, lost, or found damaged). */
export async function loaded(
  { store }: Pick<Outside, "store">,
  key: string,
  make: () => Promise<unknown>,
  names?: readonly string[],
): Promise<TensorFile> {
  const known = await store.get(key, names);
  if (known) return known;
  await make();
  const file = await store.get(key, names);
  if (!file) {
    throw new SamesightError("exhausted", "the artifact store loses what is written to it", {
      hint: "Give it more room (--cache-limit) or another folder (--cache).",
    });
  }
  return file;
}
