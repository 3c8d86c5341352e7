import type { JSX } from "preact";
import { networkColor } from "../../render/color.js";
import { matrixThumbnail } from "../../render/layermatrix.js";
import { number } from "../../render/text.js";
import { trunkFigure } from "../../render/trunk.js";
import { pairMatrix } from "../layers/matrixdata.js";
import {
  cellOf,
  conceptAt,
  layers,
  layersOf,
  manifest,
  measuresOf,
  models,
  names,
  ownMethod,
  pairsOf,
  photos,
  shortName,
  trained,
} from "../model.js";
import { Term } from "../parts/explained.js";
import { FigureBox } from "../parts/figure.js";
import { cellData, Legend, Pair } from "../parts/pairs.js";
import { Scroll } from "../parts/scroll.js";
import { LayerName, Sentence } from "../parts/words.js";
import { hrefOf } from "../state.js";
import { useBlocks, useTheme } from "../use.js";
import { Outcome } from "./outcome.js";

export function Overview(): JSX.Element {
  const { run } = manifest;
  return (
    <>
      {run.warnings.length > 0 ? (
        <section class="warnings" aria-labelledby="warnings-title">
          <h2 id="warnings-title">Take care</h2>
          <ul>
            {run.warnings.map((w) => (
              <li key={w}>
                <bdi>
                  <Sentence>{w}</Sentence>
                </bdi>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <Outcome />
      <Shared />
      <Thumbnails />
      <section aria-labelledby="networks-title">
        <h2 id="networks-title">The networks</h2>
        <FigureBox
          name="taps"
          most={1100}
          deps={[]}
          draw={(width, theme) =>
            trunkFigure(
              trained.map((n) => ({
                id: names[n]!,
                network: n,
                note: `${(models[n]!.parameterBytes / 1e6).toFixed(1)} MB of parameters`,
                taps: models[n]!.taps,
              })),
              width,
              theme,
            )
          }
          caption="Where each network is tapped, over relative depth: a slab is as high as the map is fine and as thick as it has channels."
        />
        <div class="cards">
          {trained.map((n) => (
            <Card key={n} network={n} />
          ))}
        </div>
      </section>
      <section aria-labelledby="data-title">
        <h2 id="data-title">The photographs</h2>
        <p>
          {run.dataset.fit} to mine concepts, {run.dataset.test} others to compare them on
          {run.dataset.skipped.length > 0 ? `; ${run.dataset.skipped.length} files could not be used` : ""}.
          {photos.length < manifest.testImages ? ` This page holds ${photos.length} of them.` : ""}
        </p>
      </section>
    </>
  );
}

const MOST = 3;

/** First layers see edges and brightness, whatever the network: pairs of deeper ones say more. */
const DEEP = 0.25;

/** The strongest pairs of concepts of different networks, one a pair of networks; of deeper layers where there are some. */
function Shared(): JSX.Element | null {
  const { shared } = manifest;
  const picked: { from: number; to: number; value: number }[] = [];
  const seen = new Set<string>();
  const deep = (i: number) =>
    [shared.from[i]!, shared.to[i]!].every((c) => layers[conceptAt(c).layer]!.depth >= DEEP) ? 1 : 0;
  const order = shared.value.map((_, i) => i).sort((p, q) => deep(q) - deep(p) || shared.value[q]! - shared.value[p]!);
  for (const i of order) {
    const [from, to] = [shared.from[i]!, shared.to[i]!];
    const [m, n] = [from, to].map((c) => layers[conceptAt(c).layer]!.network) as [number, number];
    if (picked.length === MOST || seen.has(`${m}-${n}`) || !trained.includes(m) || !trained.includes(n)) continue;
    seen.add(`${m}-${n}`);
    picked.push({ from, to, value: shared.value[i]! });
  }
  if (picked.length === 0) return null;
  return (
    <section aria-labelledby="shared-title">
      <h2 id="shared-title">The concepts they share most</h2>
      <p class="note">
        One pair for each two networks, beyond the first quarter of the depth where there is one, on photographs that
        neither was mined from.
      </p>
      <Legend first="the first network" second="the second" />
      <div class="heroes">
        {picked.map((p) => (
          <Hero key={p.from} {...p} />
        ))}
      </div>
    </section>
  );
}

function Hero({ from, to, value }: { from: number; to: number; value: number }): JSX.Element {
  const [x, y] = [conceptAt(from), conceptAt(to)];
  const cell = cellOf(ownMethod, x.layer, y.layer)!;
  const { value: got, error } = useBlocks([`cells/${Math.min(x.layer, y.layer)}`, "concepts"]);
  const [la, lb] = [layers[x.layer]!, layers[y.layer]!];
  return (
    <article class="hero">
      <h3>
        <a class="key a" href={hrefOf({ view: "concept", concept: String(from) })}>
          <bdi title={names[la.network]}>{shortName(la.network, 40)}</bdi>
        </a>
        <span class="soft"> and </span>
        <a class="key b" href={hrefOf({ view: "concept", concept: String(to) })}>
          <bdi title={names[lb.network]}>{shortName(lb.network, 40)}</bdi>
        </a>
      </h3>
      <p class="note">
        <bdi>{la.short}</bdi> (depth {number(la.depth)}) and <bdi>{lb.short}</bdi> (depth {number(lb.depth)}): agreement
        J* {number(value)}.{" "}
        <a href={hrefOf({ view: "layers", pair: `${la.network}-${lb.network}`, cell: `${x.layer}-${y.layer}` })}>
          All concepts of these layers
        </a>
      </p>
      {error ? <p class="problem">{error}</p> : null}
      {got ? (
        <Pair
          cell={cell}
          data={cellData(cell, got[0]!, got[1]!)}
          i={x.number}
          j={y.number}
          apart={false}
          heading={false}
          fill
        />
      ) : (
        <div class="waiting" />
      )}
    </article>
  );
}

function Thumbnails(): JSX.Element | null {
  const theme = useTheme();
  const measure = measuresOf(ownMethod)[0];
  if (!measure) return null;
  const pairs = pairsOf(false);
  const made = pairs.map((p) => ({ ...p, ...pairMatrix(p.a, p.b, ownMethod, measure) }));
  const high = Math.max(
    0.05,
    ...made.flatMap((m) => m.matrix.cells.flatMap((c) => (c.value === null ? [] : [c.value]))),
  );
  return (
    <section aria-labelledby="thumbs-title">
      <h2 id="thumbs-title">Layer against layer</h2>
      <p class="note">
        Similarity S′ of every layer with every other, shallow to deep from the top left, all on one scale up to{" "}
        {number(high)}. Choose one to read it.
      </p>
      <ul class="thumbs">
        {made.map((m) => (
          <li key={m.key}>
            <a href={hrefOf({ view: "layers", pair: m.key })}>
              <div
                class="thumb"
                dangerouslySetInnerHTML={{ __html: matrixThumbnail({ ...m.matrix, high }, 132, theme) }}
              />
              <span>
                <bdi>{m.label}</bdi>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Card({ network }: { network: number }): JSX.Element {
  const m = models[network]!;
  const theme = useTheme();
  const own = layersOf(network);
  const same = m.taps.length > 0 && m.taps.every((t) => t.k === m.taps[0]!.k);
  return (
    <article class="card">
      <h3>
        <svg class="dot" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
          <circle cx="5" cy="5" r="5" fill={networkColor(network, theme)} />
        </svg>{" "}
        <bdi title={m.id}>{shortName(network, 40)}</bdi>
      </h3>
      <p class="note">
        <bdi>{m.source}</bdi>, {(m.parameterBytes / 1e6).toFixed(1)} MB of parameters, {m.taps.length}{" "}
        {m.taps.length === 1 ? "layer" : "layers"} tapped{same ? `, ${m.taps[0]!.k} concepts each` : ""}
        {m.licence ? (
          <>
            ; licence <bdi>{m.licence}</bdi>
          </>
        ) : null}
      </p>
      <Scroll label={`layers of ${m.id}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">
                <span class="apart">
                  layer <span>c × h × w</span>
                </span>
              </th>
              <th scope="col">
                <Term of="depth" />
              </th>
              {same ? null : <th scope="col">concepts</th>}
              <th scope="col">
                <Term of="explained" />
              </th>
              <th scope="col">
                <Term of="refit" />
              </th>
            </tr>
          </thead>
          <tbody>
            {m.taps.map((t, i) => (
              <tr key={t.name}>
                <td class="name" title={t.name}>
                  <span class="apart">
                    <LayerName>{layers[own[i]!]!.short}</LayerName>{" "}
                    <span class="soft">
                      {t.channels}×{t.height}×{t.width}
                    </span>
                  </span>
                </td>
                <td>{number(t.depth)}</td>
                {same ? null : <td>{t.k}</td>}
                <td>{number(t.explained_variance)}</td>
                <td>{number(layers[own[i]!]!.self)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </article>
  );
}
