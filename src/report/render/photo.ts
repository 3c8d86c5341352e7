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

/**
 * A photograph with masks on it. One: lit where the mask is (with a spotlight, where the map is), dark elsewhere. Two: lit where both are, in the
 * colour of the one that is there alone, dark where neither is.
 */
export function photoSvg(view: PhotoView): string {
  const { width, height, uri } = view;
  const box = view.crop ?? { x: 0, y: 0, width, height };
  const picture = `<image href="${uri}" width="${width}" height="${height}" preserveAspectRatio="none"/>`;
  const masks = view.outlines.map((o) => ({ ...o, path: contourPath(o.bits, o.offset, o.gridH, o.gridW) }));
  const parts = view.spotlight
    ? [spotlight(view, view.spotlight, picture)]
    : masks.length > 0
      ? [lit(view, masks, picture)]
      : [picture];
  const share = box.width / width;
  for (const o of masks) if (o.path !== "") parts.push(outline(o, view, share));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${at(box.x)} ${at(box.y)} ${at(box.width)} ${at(box.height)}" width="${at(box.width)}" height="${at(box.height)}" role="img" aria-label="${escapeText(view.title)}">${parts.join("")}</svg>`;
}

type Mask = Outline & { readonly path: string };

/** Pixels that a photograph is wide where it is shown small. */
const SMALL = 150;
/** An outline of so few pieces can be drawn whatever its cells. */
const FEW_LOOPS = 12;

const placed = (o: Mask, { width, height }: PhotoView, extra: string) =>
  `<path d="${o.path}" transform="scale(${at4(width / o.gridW)} ${at4(height / o.gridH)})"${extra}/>`;

/** Masks as light: what is in none is dark, what is in one of two alone has its colour. */
function lit(view: PhotoView, masks: readonly Mask[], picture: string): string {
  const { id } = view;
  const some = masks.filter((m) => m.path !== "");
  const dark = `<rect width="${view.width}" height="${view.height}" fill="#0e1114" opacity="0.66"/>`;
  if (some.length === 0) return `${picture}${dark}`;
  const union = `<clipPath id="${id}-u">${some.map((m) => placed(m, view, "")).join("")}</clipPath>`;
  const alone = (own: Mask, others: readonly Mask[], n: number) =>
    `<mask id="${id}-${n}" maskUnits="userSpaceOnUse" x="0" y="0" width="${view.width}" height="${view.height}">${placed(own, view, ' fill="#fff"')}${others.map((m) => placed(m, view, ' fill="#000"')).join("")}</mask>`;
  const tints = masks.length < 2 ? [] : some;
  const masked = tints.map((m, n) =>
    alone(
      m,
      some.filter((o) => o !== m),
      n,
    ),
  );
  const colours = tints.map(
    (m, n) =>
      `<rect width="${view.width}" height="${view.height}" fill="${m.color}" opacity="0.6" mask="url(#${id}-${n})"/>`,
  );
  return `<defs>${union}${masked.join("")}</defs>${picture}${dark}<g clip-path="url(#${id}-u)">${picture}</g>${colours.join("")}`;
}

/** The edge of a mask, as thin as its cells are small; none where cells would drown in it. */
function outline(o: Mask, view: PhotoView, share: number): string {
  const cell = SMALL / (o.gridW * share);
  if (cell < 2.2 && o.path.split("Z").length > FEW_LOOPS) return "";
  const wide = Math.min(2.2, Math.max(0.8, cell / 6));
  const line = (stroke: string, w: number, extra: string) =>
    placed(
      o,
      view,
      ` fill="none" stroke="${stroke}" stroke-width="${at(w)}" stroke-linejoin="round" vector-effect="non-scaling-stroke"${extra}`,
    );
  const dashes = o.dashed ? ` stroke-dasharray="${at(2.5 * wide + 1)} ${at(1.7 * wide + 0.5)}"` : "";
  return `${line("#101418", 1.9 * wide, ' opacity="0.55"')}${line(o.color, wide, dashes)}`;
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
