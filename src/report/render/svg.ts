import type { Theme } from "./color.js";
import { scaleColor } from "./color.js";
import { at, escapeText, number } from "./text.js";

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

/** A figure: SVG that stands alone, and the numbers it draws. */
export interface Figure {
  readonly svg: string;
  readonly table: FigureTable;
}

export interface FigureTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** The element around a figure. `role`: "img" for a picture, "group" where parts of it can be reached. */
export function svg(
  size: { readonly width: number; readonly height: number },
  title: string,
  parts: readonly string[],
  theme: Theme,
  role: "img" | "group" = "img",
): string {
  const { width, height } = size;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${at(width)} ${at(height)}" width="${at(width)}" height="${at(height)}" role="${role}" aria-label="${escapeText(title)}" font-family="${FONT}" font-size="12" fill="${theme.ink}">${parts.join("")}</svg>`;
}

export interface TextOptions {
  readonly anchor?: "start" | "middle" | "end";
  readonly fill?: string;
  readonly size?: number;
  readonly weight?: number;
  readonly rotate?: number;
  /** Whole text, when `content` is cut. */
  readonly title?: string;
  readonly extra?: string;
}

/** `content` must be escaped already. */
export function text(x: number, y: number, content: string, options: TextOptions = {}): string {
  const { anchor, fill, size, weight, rotate, title, extra } = options;
  const place = rotate ? `transform="translate(${at(x)} ${at(y)}) rotate(${rotate})"` : `x="${at(x)}" y="${at(y)}"`;
  const attributes = [
    place,
    anchor && anchor !== "start" ? `text-anchor="${anchor}"` : "",
    fill ? `fill="${fill}"` : "",
    size ? `font-size="${size}"` : "",
    weight ? `font-weight="${weight}"` : "",
    extra ?? "",
  ].filter(Boolean);
  return `<text ${attributes.join(" ")}>${title ? `<title>${escapeText(title)}</title>` : ""}${content}</text>`;
}

/** The scale of a heat map: a bar with its ends and middle. */
export function colorBar(
  x: number,
  y: number,
  width: number,
  range: { readonly low: number; readonly high: number; readonly digits: number; readonly label: string },
  theme: Theme,
): string {
  const steps = 48;
  const step = width / steps;
  const bars = Array.from(
    { length: steps },
    (_, i) =>
      `<rect x="${at(x + i * step)}" y="${at(y)}" width="${at(step + 0.4)}" height="9" fill="${scaleColor(i / (steps - 1), theme)}"/>`,
  );
  const tick = (t: number, anchor: "start" | "middle" | "end") =>
    text(x + t * width, y + 22, number(range.low + t * (range.high - range.low), range.digits), {
      anchor,
      fill: theme.soft,
      size: 11,
    });
  return `<g aria-hidden="true">${text(x, y - 6, escapeText(range.label), { fill: theme.soft, size: 11 })}${bars.join("")}<rect x="${at(x)}" y="${at(y)}" width="${at(width)}" height="9" fill="none" stroke="${theme.line}"/>${tick(0, "start")}${tick(0.5, "middle")}${tick(1, "end")}</g>`;
}

/** A file of a figure's table: RFC 4180, empty where there is no value. */
export function tableCsv(table: FigureTable): string {
  const field = (value: string | number | null) => {
    if (value === null) return "";
    const plain = String(value);
    return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
  };
  return `${[table.columns, ...table.rows].map((row) => row.map(field).join(",")).join("\n")}\n`;
}
