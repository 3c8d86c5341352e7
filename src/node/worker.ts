/** A worker thread: jobs in, answers out, one after the other. Started by threads.ts. */
import { parentPort, workerData } from "node:worker_threads";
import sharp from "sharp";
import type { Context } from "../study/context.js";
import { openContext } from "../study/context.js";
import type { StepName } from "../study/steps.js";
import { runJob } from "../study/steps.js";
import { collectSometimes } from "./collect.js";
import { createEngine } from "./engine.js";
import { toPlainError } from "./errors.js";
import { decodePicture } from "./images.js";
import { openStore, sha256 } from "./store.js";
import type { FromWorker, ToWorker, WorkerSettings } from "./threads.js";

const { storeDir, activationBytes } = workerData as WorkerSettings;
// the threads of this pool are the parallelism; decoding still runs beside them
sharp.concurrency(1);
const outside = {
  engine: createEngine({ threads: 1 }),
  store: openStore(storeDir),
  decode: decodePicture,
  hash: sha256,
  ...(activationBytes === undefined ? {} : { activationBytes }),
};
let context: Context | undefined;
/** Steps that see photographs: what they leave behind is large. */
const STREAMING: ReadonlySet<StepName> = new Set(["rows", "maps", "replacement"]);

async function answer(message: ToWorker): Promise<unknown> {
  if (message.type === "study") {
    await context?.rest();
    context = openContext(message.study, outside);
    return undefined;
  }
  if (message.type === "rest") return context?.rest();
  const result = await runJob(context!, message.job);
  if (STREAMING.has(message.job.step)) collectSometimes();
  return result;
}

const port = parentPort!;
const reply = (message: FromWorker) => port.postMessage(message);
let last = Promise.resolve();
port.on("message", (message: ToWorker) => {
  last = last.then(() =>
    answer(message).then(
      (result) => reply({ id: message.id, result }),
      (error: unknown) => reply({ id: message.id, error: toPlainError(error) }),
    ),
  );
});
