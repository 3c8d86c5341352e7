import { contourPath, mainPart } from "./contour.js";
import { at, escapeText } from "./text.js";

/** A mask drawn on a photograph. */
export interface Outline {
  readonly bits: Uint8Array;
  readonly offset: number;
  readonly gridH: number;
  readonly gridW: number;
  readonly color: string;
  readonly dashed: boolean;
}

/** Soft map of a concept: a tile of a sprite. */
export interface Spotlight {
  readonly uri: string;
  readonly tile: { readonly width: number; readonly height: number; readonly columns: number };
  /** Place of the photograph in the sprite. */
  readonly place: number;
  readonly rows: number;
}

export interface PhotoView {
  readonly uri: string;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly outlines: readonly Outline[];
  readonly spotlight?: Spotlight | undefined;
  /** Part to show, in pixels of the photograph; the whole when absent. */
  readonly crop?: Box | undefined;
  /** Unique in the document. */
  readonly id: string;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A photograph with the outlines of masks; with a spotlight, dark where the concept is not. */
export function photoSvg(view: PhotoView): string {
  const { width, height, uri } = view;
  const box = view.crop ?? { x: 0, y: 0, width, height };
  const picture = `<image href="${uri}" width="${width}" height="${height}" preserveAspectRatio="none"/>`;
  const parts = view.spotlight ? [spotlight(view, view.spotlight, picture)] : [picture];
  for (const o of view.outlines) {
    const path = contourPath(o.bits, o.offset, o.gridH, o.gridW);
    if (path === "") continue;
    const scale = `scale(${at4(width / o.gridW)} ${at4(height / o.gridH)})`;
    const line = (stroke: string, w: number, extra: string) =>
      `<path d="${path}" fill="none" stroke="${stroke}" stroke-width="${w}" stroke-linejoin="round" vector-effect="non-scaling-stroke"${extra}/>`;
    parts.push(
      `<g transform="${scale}">${line("#101418", 4.5, ' opacity="0.6"')}${line(o.color, 2.4, o.dashed ? ' stroke-dasharray="6 4"' : "")}</g>`,
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${at(box.x)} ${at(box.y)} ${at(box.width)} ${at(box.height)}" width="${at(box.width)}" height="${at(box.height)}" role="img" aria-label="${escapeText(view.title)}">${parts.join("")}</svg>`;
}

const at4 = (x: number) => String(Math.round(x * 1e4) / 1e4);

function spotlight(view: PhotoView, s: Spotlight, picture: string): string {
  const { width, height, id } = view;
  const x = s.place % s.tile.columns;
  const y = Math.floor(s.place / s.tile.columns);
  const sprite = `<image href="${s.uri}" x="${-x * width}" y="${-y * height}" width="${s.tile.columns * width}" height="${s.rows * height}" preserveAspectRatio="none"/>`;
  return `<defs><mask id="${id}" maskUnits="userSpaceOnUse" x="0" y="0" width="${width}" height="${height}">${sprite}</mask><filter id="${id}-g"><feColorMatrix type="saturate" values="0.15"/><feComponentTransfer><feFuncR type="linear" slope="0.38"/><feFuncG type="linear" slope="0.38"/><feFuncB type="linear" slope="0.38"/></feComponentTransfer></filter></defs><g filter="url(#${id}-g)">${picture}</g><g mask="url(#${id})">${picture}</g>`;
}

/** The part of a photograph around the largest piece of a mask, with some of what is around it: at least `least` of the shorter side. */
export function cropAround(
  outline: Pick<Outline, "bits" | "offset" | "gridH" | "gridW">,
  photo: { readonly width: number; readonly height: number },
  least = 0.5,
): Box | undefined {
  const part = mainPart(outline.bits, outline.offset, outline.gridH, outline.gridW);
  if (!part) return undefined;
  const sx = photo.width / outline.gridW;
  const sy = photo.height / outline.gridH;
  const short = Math.min(photo.width, photo.height);
  const wanted = 1.25 * Math.max((part.x1 - part.x0) * sx, (part.y1 - part.y0) * sy);
  const side = Math.min(short, Math.max(wanted, least * short));
  const place = (middle: number, size: number) => Math.min(size - side, Math.max(0, middle - side / 2));
  return {
    x: place(((part.x0 + part.x1) / 2) * sx, photo.width),
    y: place(((part.y0 + part.y1) / 2) * sy, photo.height),
    width: side,
    height: side,
  };
}
