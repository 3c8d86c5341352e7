import type { JSX } from "preact";
import { networkColor } from "../render/color.js";
import { flowFigure, sharedFigure } from "../render/sankey.js";
import { conceptAt, conceptTitle, layers, layersOf, manifest, names, shortName, trained, twins } from "./model.js";
import { FigureBox } from "./parts/figure.js";
import { Select } from "./parts/select.js";
import type { State } from "./state.js";
import { go } from "./state.js";

const LEAST = ["0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6"];

/** A study with more concepts a layer starts with its stronger edges only. */
function start(network: readonly number[]): string {
  const inside = new Set(network);
  const { flow } = manifest;
  const values = flow.value.filter((_, i) => inside.has(layers[conceptAt(flow.from[i]!).layer]!.network));
  const concepts = layers.reduce((sum, l) => sum + (inside.has(l.network) ? l.k : 0), 0);
  return LEAST.find((t) => values.filter((v) => v >= Number(t)).length <= 2.2 * concepts) ?? LEAST.at(-1)!;
}

export function FlowView({ state }: { state: State }): JSX.Element {
  const shown = state.twins === "1" ? [...trained, ...twins] : trained;
  const least = LEAST.includes(state.least ?? "") ? state.least! : start(shown);
  const open = (key: string) => go({ view: "concept", concept: key }, true);
  return (
    <section aria-labelledby="flow-title">
      <h2 id="flow-title">How concepts flow through the layers</h2>
      <div class="controls">
        <Select
          label="Bands with J* of at least"
          value={least}
          options={LEAST.map((t) => [t, t === "0" ? "any value" : t])}
          set={(v) => go({ least: v })}
        />
      </div>
      <p class="note">
        A column is a layer, a block a concept, a band joins concepts of successive layers that are each other's best or
        agree more than permuted photographs do. Colours follow the concepts of the last layer back to where they begin;
        grey ones lead nowhere. Choose a block to open the concept.
      </p>
      {shown.map((n) => (
        <div key={n} class="panel">
          <h3>
            <bdi title={names[n]}>{shortName(n)}</bdi>
          </h3>
          <FigureBox
            name={`flow ${names[n]}`}
            most={1500}
            deps={[n, least]}
            open={open}
            draw={(width, theme) => flowFigure(within(n, Number(least)), Math.max(width, 560), theme)}
          />
        </div>
      ))}
      <h2 id="between-title">Between networks</h2>
      <p class="note">
        Input at the top. A band joins two concepts that are each other's best over all layers of both networks; level
        bands join equal relative depths.
      </p>
      <div class="panels">
        {shown
          .flatMap((a, i) => shown.slice(i + 1).map((b) => [a, b] as const))
          .map(([a, b]) => (
            <div key={`${a}-${b}`} class="panel">
              <FigureBox
                name={`shared ${names[a]} ${names[b]}`}
                most={620}
                deps={[a, b, least]}
                open={open}
                draw={(width, theme) => sharedFigure(between(a, b, Number(least), theme), width, theme)}
              />
            </div>
          ))}
      </div>
    </section>
  );
}

function within(network: number, least: number) {
  const own = layersOf(network);
  const { flow } = manifest;
  const column = new Map(own.map((l, c) => [l, c]));
  return {
    title: `Flow of concepts through ${names[network]}`,
    columns: own.map((l) => ({ label: layers[l]!.short, depth: layers[l]!.depth })),
    nodes: own.flatMap((l) =>
      Array.from({ length: layers[l]!.k }, (_, i) => {
        const id = layers[l]!.first + i;
        return {
          id,
          column: column.get(l)!,
          title: conceptTitle(id),
          short: manifest.concepts.label[id] ?? String(i + 1),
        };
      }),
    ),
    links: flow.from.flatMap((from, e) =>
      flow.value[e]! >= least && column.has(conceptAt(from).layer)
        ? [{ from, to: flow.to[e]!, value: flow.value[e]! }]
        : [],
    ),
  };
}

function between(a: number, b: number, least: number, theme: Parameters<typeof networkColor>[1]) {
  const { shared } = manifest;
  const side = (n: number) => ({
    network: names[n]!,
    color: networkColor(n, theme),
    layers: layersOf(n).map((l) => ({
      label: layers[l]!.short,
      depth: layers[l]!.depth,
      concepts: Array.from({ length: layers[l]!.k }, (_, i) => ({
        id: layers[l]!.first + i,
        title: conceptTitle(layers[l]!.first + i),
      })),
    })),
  });
  const network = (concept: number) => layers[conceptAt(concept).layer]!.network;
  return {
    title: `Concepts that ${names[a]} and ${names[b]} share`,
    sides: [side(a), side(b)] as const,
    links: shared.from.flatMap((from, e) =>
      shared.value[e]! >= least && network(from) === a && network(shared.to[e]!) === b
        ? [{ from, to: shared.to[e]!, value: shared.value[e]! }]
        : [],
    ),
  };
}
