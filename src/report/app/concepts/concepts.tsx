import type { JSX } from "preact";
import { number, percent } from "../../render/text.js";
import { strongestOf } from "../blocks.js";
import { layers, layersOf, manifest, names, trained, twins } from "../model.js";
import { Photo } from "../parts/photo.js";
import { Select } from "../parts/select.js";
import type { State } from "../state.js";
import { go, hrefOf } from "../state.js";
import { useBlocks } from "../use.js";

/** All concepts of a network, layer by layer, each by the photograph on which it is strongest. */
export function Concepts({ state }: { state: State }): JSX.Element {
  const all = [...trained, ...twins];
  const network = all.includes(Number(state.network)) && state.network ? Number(state.network) : all[0]!;
  const { value, error } = useBlocks(["concepts"]);
  return (
    <section aria-labelledby="concepts-title">
      <h2 id="concepts-title">What the networks have learned to see</h2>
      <div class="controls">
        <Select
          label="Network"
          value={String(network)}
          options={all.map((n) => [String(n), names[n]!, twins.includes(n) ? "shuffled twins" : "networks"])}
          set={(v) => go({ network: v })}
        />
      </div>
      <p class="note">
        Each tile is a concept on the two photographs where it covers most, lit where it is strong. Layers from shallow
        to deep, concepts by falling energy.
      </p>
      {error ? <p class="problem">{error}</p> : null}
      {layersOf(network).map((l) => (
        <div class="shelf" key={l}>
          <h3>
            <bdi>{layers[l]!.short}</bdi>{" "}
            <span class="soft">
              depth {number(layers[l]!.depth)}, {layers[l]!.gridH} × {layers[l]!.gridW}
            </span>
          </h3>
          <ul class="tiles">
            {Array.from({ length: layers[l]!.k }, (_, i) => {
              const c = layers[l]!.first + i;
              const strongest = value ? strongestOf(value[0]!, c).slice(0, 2) : [];
              const label = manifest.concepts.label[c];
              return (
                <li key={c}>
                  <a class="tile" href={hrefOf({ view: "concept", concept: String(c) })}>
                    <div class="duo">
                      {strongest.map((p) => (
                        <Photo key={p} photo={p} a={c} crop spotlight says={`concept ${i + 1}`} />
                      ))}
                    </div>
                    <span class="tilename">
                      {label ? (
                        <b>
                          <bdi>{label}</bdi>
                        </b>
                      ) : (
                        <>concept {i + 1}</>
                      )}
                      <span class="soft"> {percent(manifest.concepts.energy[c])}</span>
                    </span>
                  </a>
                </li>
              );
            })}
          </ul>
        </div>
      ))}
    </section>
  );
}
