/** Text as text, in HTML and in attributes: names come from files and may hold anything. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (ch) => `&#${ch.charCodeAt(0)};`).replace(/[\u202a-\u202e\u2066-\u2069]/g, "");
}

/** A number as a reader wants it; a dash where there is none. */
export function number(x: number | null, digits = 2): string {
  return x === null ? "–" : (Math.abs(x) < 0.5 * 10 ** -digits ? 0 : x).toFixed(digits).replace("-", "−");
}
