import type { SampledRows } from "../activations/rows.js";
import { stackRows } from "../activations/rows.js";
import type { TensorFile } from "../contract/safetensors.js";
import { samplePositions } from "../dataset/positions.js";
import { seededRandom } from "../numerics/random.js";
import type { Context } from "./context.js";
import { loaded } from "./context.js";
import { inputs } from "./look.js";
import { layerSeed } from "./seed.js";

/**
 * Rows of every tap, sampled from one shard of the images to fit: r x c, and how many each image gave. The network itself picks the cells, so that no tap
 * is handed out whole.
 */
export async function rows(context: Context, { networks, shard }: { networks: readonly number[]; shard: number }) {
  const { study, plan, store } = context;
  const images = plan.fitShards[shard]!;
  const todo: number[] = [];
  for (const n of networks) if (!(await store.has(plan.keys.rows(n, shard)))) todo.push(n);
  const sampled = new Map(todo.map((n) => [n, study.networks[n]!.taps.map((): SampledRows[] => [])]));
  for await (const { network, image, geometry, input } of inputs(context, todo, images)) {
    const cells = study.networks[network]!.taps.map((tap, t) =>
      samplePositions(
        tap.height,
        tap.width,
        plan.rowsPerImage[network]![t]!,
        geometry,
        seededRandom("rows", image.hash, layerSeed(study.config.seed, tap)),
      ),
    );
    const forward = await context.sampling(network);
    for (const [t, found] of (await forward(input, cells)).entries())
      sampled.get(network)![t]!.push({ rows: found, perImage: Int32Array.of(found.rows) });
  }
  for (const [n, parts] of sampled)
    await store.put(plan.keys.rows(n, shard), toFile(parts.map(stackRows)), { lasting: false });
}

/** The whole sample of one tap, images in order. */
export async function rowsOf(context: Context, network: number, tap: number): Promise<SampledRows> {
  const { plan } = context;
  const parts: SampledRows[] = [];
  for (const shard of plan.fitShards.keys()) {
    const { tensors } = await loaded(
      context,
      plan.keys.rows(network, shard),
      () => rows(context, { networks: [network], shard }),
      [`rows/${tap}`, `count/${tap}`],
    );
    const { data, dims } = tensors[`rows/${tap}`]!;
    parts.push({
      rows: { data: data as Float32Array, rows: dims[0]!, cols: dims[1]! },
      perImage: tensors[`count/${tap}`]!.data as Int32Array,
    });
  }
  return stackRows(parts);
}

function toFile(samples: readonly SampledRows[]): TensorFile {
  const tensors = samples.flatMap(({ rows: v, perImage }, t) => [
    [`rows/${t}`, { type: "float32" as const, dims: [v.rows, v.cols], data: v.data }] as const,
    [`count/${t}`, { type: "int32" as const, dims: [perImage.length], data: perImage }] as const,
  ]);
  return { tensors: Object.fromEntries(tensors), metadata: { kind: "rows" } };
}
