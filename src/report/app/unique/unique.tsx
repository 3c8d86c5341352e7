import type { JSX } from "preact";
import type { TensorFile } from "../../../contract/safetensors.js";
import { ABOVE_NULL } from "../../partners.js";
import { sharesFigure } from "../../render/shares.js";
import { number, percent } from "../../render/text.js";
import { strongestOf } from "../blocks.js";
import { conceptAt, conceptTitle, layers, manifest, models, shortName, trained, twins } from "../model.js";
import { FigureBox } from "../parts/figure.js";
import { Legend } from "../parts/pairs.js";
import { Photo } from "../parts/photo.js";
import { Select } from "../parts/select.js";
import type { State } from "../state.js";
import { go, hrefOf } from "../state.js";
import { useBlocks } from "../use.js";
import { Differences } from "./differences.js";

interface Item {
  readonly concept: number;
  readonly partner: number;
  readonly value: number;
  readonly above: boolean;
}

const FIRST = 8;
const STABLE = 0.8;

/** What one network has and another lacks, and what both have. */
export function Unique({ state }: { state: State }): JSX.Element {
  const all = state.twins === "1" ? [...trained, ...twins] : trained;
  const pairs = all.flatMap((a) => all.filter((b) => b !== a).map((b) => ({ a, b, key: `${a}-${b}` })));
  const pair = pairs.find((p) => p.key === state.of) ?? pairs[0];
  const { value, error } = useBlocks(["concepts"]);
  if (!pair)
    return (
      <section>
        <h2>Unique and shared</h2>
        <p>This study has one network only.</p>
      </section>
    );
  const [na, nb] = [shortName(pair.a), shortName(pair.b)];
  const items = value ? itemsOf(value[0]!, pair.a, pair.b) : [];
  const stable = items.filter(isStable);
  const unique = stable.filter((i) => !i.above).sort((p, q) => energy(q) - energy(p));
  const shared = stable.filter((i) => i.above).sort((p, q) => q.value - p.value);
  const weak = [...shared].reverse().slice(0, FIRST);
  return (
    <section aria-labelledby="unique-title">
      <h2 id="unique-title">Unique and shared</h2>
      <div class="controls">
        <Select
          label="What has"
          value={pair.key}
          options={pairs.map((p) => [p.key, `${shortName(p.a, 40)} that ${shortName(p.b, 40)} may lack`])}
          set={(v) => go({ of: v })}
        />
      </div>
      {error ? <p class="problem">{error}</p> : null}
      {value && trained.length > 1 ? <Glance block={value[0]!} pairs={pairs} chosen={pair.key} /> : null}
      {value ? (
        <>
          <p class="lead">
            Of {items.length} concepts of <bdi>{na}</bdi>, {items.length - stable.length} are too unstable to speak of.
            Of the other {stable.length}, {shared.length} have a partner in some layer of <bdi>{nb}</bdi> that agrees
            more than permuted photographs do; {unique.length} {unique.length === 1 ? "has" : "have"} none.
          </p>
          <Shelf
            title={`Only in ${na}`}
            note={`Stable concepts without a partner above chance in any layer of ${nb}, by their share of energy.`}
            items={unique.slice(0, FIRST)}
            block={value[0]!}
            empty={`None: every stable concept of ${na} has a partner in ${nb}.`}
          />
          {unique.length < 4 ? (
            <Shelf
              title={`Weakly shared`}
              note={`Partners above chance, yet the faintest ones: look here first when ${nb} is to replace ${na}.`}
              items={weak}
              block={value[0]!}
              empty=""
            />
          ) : null}
          <Shelf
            title={`In both`}
            note={`The closest partners over all layers of ${nb}.`}
            items={shared.slice(0, FIRST)}
            block={value[0]!}
            empty={`None.`}
            both
          />
          <Differences a={pair.a} b={pair.b} />
          <p class="note">
            Absence here means: not on these photographs, not in these layers, not among the concepts mined. It is a
            reason to look, and no proof.
          </p>
        </>
      ) : null}
    </section>
  );
}

const isStable = (i: Item) => (manifest.concepts.stability[i.concept] ?? 0) >= STABLE;

/** Every two networks, each way: choose one to see it. */
function Glance(p: {
  block: TensorFile;
  pairs: readonly { a: number; b: number; key: string }[];
  chosen: string;
}): JSX.Element {
  const rows = p.pairs.map(({ a, b, key }) => {
    const items = itemsOf(p.block, a, b);
    const stable = items.filter(isStable);
    const shared = stable.filter((i) => i.above).length;
    return {
      key,
      has: shortName(a, 40),
      lacks: shortName(b, 40),
      shared,
      alone: stable.length - shared,
      unstable: items.length - stable.length,
    };
  });
  return (
    <FigureBox
      name="unique and shared"
      most={760}
      deps={[p.block, p.pairs.length]}
      chosen={p.chosen}
      open={(key) => go({ of: key })}
      draw={(width, theme) => sharesFigure(rows, width, theme)}
      caption="Concepts of the first network that have a partner in some layer of the second. Choose a row to see them."
    />
  );
}

const energy = (i: Item) => manifest.concepts.energy[i.concept]!;

function itemsOf(block: TensorFile, a: number, b: number): Item[] {
  const best = block.tensors.networkBest!.data as Int32Array;
  const value = block.tensors.networkValue!.data as Float32Array;
  const mark = block.tensors.networkMark!.data as Uint8Array;
  return layers.flatMap((l) =>
    l.network !== a
      ? []
      : Array.from({ length: l.k }, (_, i) => {
          const concept = l.first + i;
          const at = concept * models.length + b;
          return { concept, partner: best[at]!, value: value[at]!, above: (mark[at]! & ABOVE_NULL) !== 0 };
        }),
  );
}

function Shelf(p: {
  title: string;
  note: string;
  items: readonly Item[];
  block: TensorFile;
  empty: string;
  both?: boolean;
}): JSX.Element {
  return (
    <div class="shelf">
      <h3>
        <bdi>{p.title}</bdi>
      </h3>
      <p class="note">
        <bdi>{p.note}</bdi>
      </p>
      {p.items.length === 0 ? <p>{p.empty}</p> : null}
      {p.both && p.items.length > 0 ? <Legend first="the first network" second="the second" /> : null}
      <ul class="ledger">
        {p.items.map((item) => (
          <li key={item.concept}>
            <div class="photos fill">
              {strongestOf(p.block, item.concept)
                .slice(0, 3)
                .map((photo) => (
                  <Photo
                    key={photo}
                    photo={photo}
                    a={item.concept}
                    b={p.both && item.partner >= 0 ? item.partner : undefined}
                    says={conceptTitle(item.concept)}
                  />
                ))}
            </div>
            <p class="tilename">
              <Where concept={item.concept} />{" "}
              <span class="soft">
                energy {percent(manifest.concepts.energy[item.concept])}, stability{" "}
                {number(manifest.concepts.stability[item.concept])}
              </span>
              {item.partner >= 0 ? (
                <>
                  <br />
                  {p.both ? "with" : "nearest"} <Where concept={item.partner} />{" "}
                  <span class="soft">J* {number(item.value)}</span>
                </>
              ) : null}
            </p>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Where({ concept }: { concept: number }): JSX.Element {
  const { layer, number: i } = conceptAt(concept);
  return (
    <a href={hrefOf({ view: "concept", concept: String(concept) })}>
      <bdi>{layers[layer]!.short}</bdi>, {i + 1}
    </a>
  );
}
