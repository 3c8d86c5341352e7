import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import type { Theme } from "../../render/color.js";
import { THEMES } from "../../render/color.js";
import type { Figure, FigureTable } from "../../render/svg.js";
import { tableCsv } from "../../render/svg.js";
import { number } from "../../render/text.js";
import { useTheme, useWidth } from "../use.js";
import { fileName, save } from "./save.js";
import { Scroll } from "./scroll.js";

interface FigureProps {
  /** Of the files it is saved as. */
  readonly name: string;
  readonly caption?: ComponentChildren;
  readonly draw: (width: number, theme: Theme) => Figure;
  /** When the figure must be drawn anew. */
  readonly deps: readonly unknown[];
  /** A part with `data-cell` or `data-key` is chosen. */
  readonly open?: ((key: string) => void) | undefined;
  readonly tip?: (key: string) => ComponentChildren;
  /** The chosen part. */
  readonly chosen?: string | undefined;
  /** Widest that it gains from. */
  readonly most?: number;
}

const PARTS = "[data-cell],[data-key]";
const keyOf = (part: Element): string => (part as SVGElement).dataset.cell ?? (part as SVGElement).dataset.key ?? "";

/** A figure with its parts reachable by mouse and keyboard, its numbers as a table, and both as files. */
export function FigureBox(props: FigureProps): JSX.Element {
  const theme = useTheme();
  const [box, width] = useWidth();
  const stage = useRef<HTMLDivElement>(null);
  const [table, showTable] = useState(false);
  const [hint, setHint] = useState<{ key: string; x: number; y: number; below: boolean } | null>(null);
  const tipId = useId();
  const room = Math.min(width, props.most ?? 1400);
  const figure = useMemo(() => (room > 0 ? props.draw(room, theme) : undefined), [room, theme, ...props.deps]);
  useEffect(() => {
    const parts = stage.current?.querySelectorAll<SVGElement>(PARTS);
    if (!parts?.length) return;
    let entry: SVGElement | undefined;
    for (const part of parts) {
      const own = keyOf(part) === props.chosen;
      part.setAttribute("tabindex", "-1");
      part.classList.toggle("chosen", own);
      if (part.getAttribute("role") === "gridcell") part.setAttribute("aria-selected", String(own));
      if (own) entry = part;
    }
    (entry ?? parts[0]!).setAttribute("tabindex", "0");
  }, [figure, props.chosen]);

  const partOf = (event: Event) => (event.target as Element).closest<SVGElement>(PARTS);
  const show = (part: SVGElement | null) => {
    if (!part || !stage.current) return setHint(null);
    const at = part.getBoundingClientRect();
    const own = stage.current.getBoundingClientRect();
    const below = at.top < 190;
    const x = Math.min(own.width - 130, Math.max(130, at.left + at.width / 2 - own.left));
    setHint({ key: keyOf(part), x, y: (below ? at.bottom + 8 : at.top - 8) - own.top, below });
    light(stage.current, keyOf(part));
  };
  const hide = () => {
    setHint(null);
    if (stage.current) light(stage.current, undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const part = partOf(event);
    if (!part) return;
    if (event.key === "Enter" || event.key === " ") props.open?.(keyOf(part));
    else if (event.key === "Escape") hide();
    else if (!step(stage.current!, part, event.key)) return;
    event.preventDefault();
  };
  const interactive = props.open !== undefined || props.tip !== undefined;
  const title = hint ? (props.tip ? props.tip(hint.key) : labelOf(stage.current, hint.key)) : null;
  return (
    <figure class="figure" ref={box as never}>
      <div class="stage">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the parts of the figure inside have the roles; events rise from them */}
        <div
          class={interactive ? "scroll reach" : "scroll"}
          ref={stage}
          {...(interactive ? {} : { tabIndex: 0, role: "region", "aria-label": props.name })}
          onClick={(e) => {
            const part = partOf(e);
            if (part) props.open?.(keyOf(part));
          }}
          onPointerOver={(e) => interactive && show(partOf(e))}
          onPointerLeave={hide}
          onFocusIn={(e) => interactive && show(partOf(e))}
          onFocusOut={hide}
          onKeyDown={onKeyDown}
          // the figure escapes every name that it holds
          dangerouslySetInnerHTML={{ __html: figure?.svg ?? "" }}
        />
        {title && hint ? <Tip id={tipId} x={hint.x} y={hint.y} below={hint.below} content={title} /> : null}
      </div>
      <figcaption>
        {props.caption ? <div class="note">{props.caption}</div> : null}
        <div class="tools">
          <button
            type="button"
            class="quiet"
            onClick={() =>
              room > 0 &&
              save(`${fileName(props.name)}.svg`, "image/svg+xml", onGround(props.draw(room, THEMES.light).svg))
            }
          >
            Save SVG
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => figure && save(`${fileName(props.name)}.csv`, "text/csv", tableCsv(figure.table))}
          >
            Save CSV
          </button>
          <button type="button" class="quiet" aria-expanded={table} onClick={() => showTable(!table)}>
            {table ? "Hide table" : "Show as table"}
          </button>
        </div>
      </figcaption>
      {table && figure ? <Table of={figure.table} label={props.name} /> : null}
    </figure>
  );
}

/** A tip beside a part; placed by script, since the page allows no style attributes. */
function Tip(p: { id: string; x: number; y: number; below: boolean; content: ComponentChildren }): JSX.Element {
  return (
    <div id={p.id} role="tooltip" class={p.below ? "tip below" : "tip"} style={{ left: `${p.x}px`, top: `${p.y}px` }}>
      {p.content}
    </div>
  );
}

/** A file on white ground, for papers. */
function onGround(svg: string): string {
  return svg.replace(/(<svg[^>]*>)/, `$1<rect width="100%" height="100%" fill="#ffffff"/>`);
}

function labelOf(stage: HTMLElement | null, key: string): string {
  const part = [...(stage?.querySelectorAll(PARTS) ?? [])].find((p) => keyOf(p) === key);
  return part?.getAttribute("aria-label") ?? "";
}

/** Bands that end at a part come forward. */
function light(stage: HTMLElement, key: string | undefined): void {
  for (const band of stage.querySelectorAll<SVGElement>(".band")) {
    band.classList.toggle("lit", key !== undefined && (band.dataset.from === key || band.dataset.to === key));
    band.classList.toggle("dim", key !== undefined && band.dataset.from !== key && band.dataset.to !== key);
  }
}

const WAYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Moves the focus to the nearest part in a direction, to the first or to the last. */
function step(stage: HTMLElement, from: SVGElement, key: string): boolean {
  const parts = [...stage.querySelectorAll<SVGElement>(PARTS)];
  const way = WAYS[key];
  let next: SVGElement | undefined;
  if (key === "Home") next = parts[0];
  else if (key === "End") next = parts.at(-1);
  else if (way) next = nearest(parts, from, way);
  else return false;
  if (!next) return true;
  from.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
  return true;
}

function nearest(parts: readonly SVGElement[], from: SVGElement, [dx, dy]: readonly [number, number]) {
  const middle = (e: SVGElement) => {
    const r = e.getBoundingClientRect();
    return [r.left + r.width / 2, r.top + r.height / 2] as const;
  };
  const [x, y] = middle(from);
  let best: { part: SVGElement; cost: number } | undefined;
  for (const part of parts) {
    if (part === from) continue;
    const [px, py] = middle(part);
    const along = (px - x) * dx + (py - y) * dy;
    const across = Math.abs((px - x) * dy) + Math.abs((py - y) * dx);
    if (along < 1) continue;
    const cost = along + 3 * across;
    if (!best || cost < best.cost) best = { part, cost };
  }
  return best?.part;
}

const MOST_ROWS = 1000;

export function Table({ of, label }: { of: FigureTable; label: string }): JSX.Element {
  const rows = of.rows.slice(0, MOST_ROWS);
  return (
    <Scroll also="tall" label={`${label} as a table`}>
      <table>
        <thead>
          <tr>
            {of.columns.map((c) => (
              <th scope="col" key={c}>
                <bdi>{c}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((v, j) => (
                <td key={of.columns[j]} class={typeof v === "number" || v === null ? "" : "name"}>
                  {typeof v === "number" ? number(v, Number.isInteger(v) ? 0 : 3) : v === null ? "–" : <bdi>{v}</bdi>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {of.rows.length > MOST_ROWS ? (
        <p class="note">{of.rows.length - MOST_ROWS} further rows are in the CSV.</p>
      ) : null}
    </Scroll>
  );
}
