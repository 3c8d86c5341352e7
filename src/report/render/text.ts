/** Controls that could turn the direction of what follows; names come from files and may hold anything. */
export const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

/** Text as text, in HTML, in SVG and in attributes. */
export function escapeText(text: string): string {
  return text.replace(TURNING, "").replace(/[&<>"']/g, (ch) => `&#${ch.charCodeAt(0)};`);
}

/** A name in HTML: whatever its script, it does not turn the words around it. */
export function name(text: string): string {
  return `<bdi>${escapeText(text)}</bdi>`;
}

/** A name in SVG, at most `most` signs wide: the middle goes, since beginnings and ends tell names apart. Wide scripts count double. */
export function label(text: string, most: number): string {
  return `\u2068${escapeText(clip(text, most))}\u2069`;
}

export function clip(text: string, most: number): string {
  const whole = Array.from(text.replace(TURNING, ""));
  const wide = (s: string) => (s.codePointAt(0)! > 0x2e7f ? 2 : 1);
  if (whole.reduce((sum, s) => sum + wide(s), 0) <= most) return whole.join("");
  // a name that was cut before is cut once
  const signs = whole.filter((s) => s !== "…");
  const widths = signs.map(wide);
  const half = (most - 1) / 2;
  const take = (list: readonly number[], room: number) => {
    let sum = 0;
    let n = 0;
    while (n < list.length && sum + list[n]! <= room) sum += list[n++]!;
    return n;
  };
  const front = take(widths, Math.ceil(half));
  const back = take([...widths].reverse(), Math.floor(half));
  return `${signs.slice(0, front).join("")}…${signs.slice(signs.length - back).join("")}`;
}

/** Words in lines of at most so many signs. */
export function wrapped(words: string, signs: number): string[] {
  const lines: string[] = [];
  for (const word of words.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < signs) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A number as a reader wants it; a dash where there is none. */
export function number(x: number | null | undefined, digits = 2): string {
  if (x === null || x === undefined || Number.isNaN(x)) return "–";
  return (Math.abs(x) < 0.5 * 10 ** -digits ? 0 : x).toFixed(digits).replace("-", "−");
}

/** A share as whole percents; a dash where there is none. */
export const percent = (x: number | null | undefined): string =>
  x === null || x === undefined ? "–" : `${Math.round(100 * x)} %`;

/** Coordinates of figures: two decimals. */
export function at(x: number): string {
  return String(Math.round(x * 100) / 100);
}
