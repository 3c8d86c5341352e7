import type { JSX } from "preact";
import { bridgeFigure } from "../../render/bridge.js";
import { networkColor } from "../../render/color.js";
import { number } from "../../render/text.js";
import type { Row } from "../blocks.js";
import { layerShort, layers, models, names, shortName, trained } from "../model.js";
import { FigureBox } from "../parts/figure.js";
import { Scroll } from "../parts/scroll.js";
import { Select } from "../parts/select.js";
import { LayerName } from "../parts/words.js";
import type { State } from "../state.js";
import { go, hrefOf } from "../state.js";
import { useTable, useTheme } from "../use.js";

/** Panels before one asks for the others. */
const PANELS = 12;
const ROWS = 200;

/** Mined concepts beside named ones: both methods on one axis of depth. */
export function Bridge({ state }: { state: State }): JSX.Element {
  const { value: rows, error } = useTable("bridge");
  const { value: probes } = useTable("probes");
  const theme = useTheme();
  const named = [...new Set((probes ?? []).map((r) => String(r.concept)))];
  const count = (c: string) => (rows ?? []).filter((r) => r.label === c).length;
  const sorted = [...named].sort((a, b) => count(b) - count(a));
  const shown = state.panels === "all" ? sorted : sorted.slice(0, PANELS);
  return (
    <section aria-labelledby="bridge-title">
      <h2 id="bridge-title">Mined concepts and their names</h2>
      <p class="note">
        Lines: how well a probe, learned from labels, finds the concept in each layer. Dots: concepts mined without
        labels that carry this name, because of all named concepts their masks overlap most with it, and by more than
        chance (set IoU above 0.04, as it is and beyond independent masks of the same areas). Where dots lie near the
        line, mining found by itself what the labels teach.
      </p>
      {error ? <p class="problem">{error}</p> : null}
      {rows && probes ? (
        <>
          <ul class="legend">
            {trained.map((n) => (
              <li key={n}>
                <svg width="12" height="12" aria-hidden="true" class="dot">
                  <circle cx="6" cy="6" r="5" fill={networkColor(n, theme)} />
                </svg>{" "}
                <bdi>{shortName(n)}</bdi>
              </li>
            ))}
          </ul>
          <FigureBox
            name="mined concepts and their names"
            deps={[rows, probes, shown.length]}
            open={(key) => go({ view: "concept", concept: key }, true)}
            draw={(width, own) =>
              bridgeFigure(
                {
                  title: "Probes and mined concepts over relative depth, a panel a named concept",
                  concepts: shown.map((c) => ({
                    name: c,
                    networks: trained.map((n) => ({
                      name: names[n]!,
                      color: networkColor(n, own),
                      probes: probes
                        .filter((r) => r.concept === c && r.model === models[n]!.id)
                        .map((r) => ({ depth: Number(r.depth), iou: r.iou_calibrated as number | null }))
                        .sort((p, q) => p.depth - q.depth),
                      mined: rows
                        .filter((r) => r.label === c && r.model === models[n]!.id)
                        .map((r) => ({
                          depth: Number(r.depth),
                          iou: Number(r.label_iou),
                          title: `${names[n]}, ${r.layer}, concept ${Number(r.concept) + 1}: set IoU ${number(r.label_iou as number)} with ${c}, cosine with its probe ${number(r.cosine as number | null)}`,
                          key: String(placeOf(r)),
                        })),
                    })),
                  })),
                },
                width,
                own,
              )
            }
            caption="A dot opens the mined concept with its photographs. Mined concepts cover a fixed share of the cells, so small things cannot reach a high set IoU."
          />
          {sorted.length > PANELS && state.panels !== "all" ? (
            <p>
              <button type="button" class="quiet" onClick={() => go({ panels: "all" })}>
                Show all {sorted.length} named concepts
              </button>
            </p>
          ) : null}
          <Shares rows={rows} />
          <Table rows={rows} state={state} named={sorted} />
        </>
      ) : null}
    </section>
  );
}

/** Place of a mined concept among all of the page; -1 where its layer is not in the page. */
function placeOf(row: Row): number {
  const layer = layers.find((l) => models[l.network]!.id === row.model && l.name === row.layer);
  return layer ? layer.first + Number(row.concept) : -1;
}

/** How many mined concepts have a name, a network a line. */
function Shares({ rows }: { rows: readonly Row[] }): JSX.Element {
  return (
    <ul class="plain">
      {trained.map((n) => {
        const own = rows.filter((r) => r.model === models[n]!.id);
        const with_ = own.filter((r) => r.label !== null);
        const agree = with_.filter((r) => r.nearest === r.label);
        return (
          <li key={n}>
            <bdi>{shortName(n)}</bdi>: {with_.length} of {own.length} mined concepts have a name
            {with_.length > 0 ? `; for ${agree.length} of these the vector's nearest probe has the same name` : ""}.
          </li>
        );
      })}
    </ul>
  );
}

function Table({ rows, state, named }: { rows: readonly Row[]; state: State; named: readonly string[] }): JSX.Element {
  const network = trained.find((n) => String(n) === state.bnet) ?? trained[0]!;
  const label = state.bname === "none" || named.includes(state.bname ?? "") ? state.bname! : "any";
  const own = rows
    .filter((r) => r.model === models[network]!.id)
    .filter((r) => label === "any" || (label === "none" ? r.label === null : r.label === label));
  return (
    <>
      <h3>Every mined concept</h3>
      <div class="controls">
        <Select
          label="Network"
          value={String(network)}
          options={trained.map((n) => [String(n), names[n]!])}
          set={(v) => go({ bnet: v })}
        />
        <Select
          label="Name"
          value={label}
          options={[["any", "any or none"], ["none", "no name"], ...named.map((c) => [c, c] as const)]}
          set={(v) => go({ bname: v })}
        />
      </div>
      <Scroll label="mined concepts and their names">
        <table>
          <thead>
            <tr>
              <th scope="col">mined concept</th>
              <th scope="col">depth</th>
              <th scope="col" class="name">
                name
              </th>
              <th scope="col">set IoU</th>
              <th scope="col">by chance</th>
              <th scope="col">cosine with its probe</th>
              <th scope="col" class="name">
                nearest probe
              </th>
              <th scope="col">cosine</th>
            </tr>
          </thead>
          <tbody>
            {own.slice(0, ROWS).map((r) => (
              <tr key={`${r.layer} ${r.concept}`}>
                <td class="name">
                  <a href={hrefOf({ view: "concept", concept: String(placeOf(r)) })}>
                    <LayerName>{layerShort(r.model, r.layer)}</LayerName>,{" "}
                    <span class="whole">concept {Number(r.concept) + 1}</span>
                  </a>
                </td>
                <td>{number(r.depth as number)}</td>
                <td class="name">
                  {r.label === null ? (
                    <span class="soft">
                      no name{r.best === null ? "" : " (best: "}
                      {r.best === null ? null : <bdi>{r.best}</bdi>}
                      {r.best === null ? "" : ")"}
                    </span>
                  ) : (
                    <b>
                      <bdi>{r.label}</bdi>
                    </b>
                  )}
                </td>
                <td>{number(r.label_iou as number | null)}</td>
                <td>{number(r.label_chance as number | null)}</td>
                <td>{number(r.cosine as number | null)}</td>
                <td class="name">{r.nearest === null ? "–" : <bdi>{r.nearest}</bdi>}</td>
                <td>{number(r.nearest_cosine as number | null)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {own.length > ROWS ? (
        <p class="note">
          The first {ROWS} of {own.length}; bridge.csv holds all.
        </p>
      ) : null}
    </>
  );
}
