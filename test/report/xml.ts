/** A strict reader of the XML that we write: elements, attributes, text, five entities. Throws on anything that is not well-formed. */
export interface Element {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: Element[];
}

export function parseXml(text: string): Element {
  const root: Element = { name: "", attributes: {}, children: [] };
  const open = [root];
  let at = text.indexOf("?>") + 2;
  const token = /<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
  token.lastIndex = at;
  for (let m = token.exec(text); m; m = token.exec(text)) {
    at = token.lastIndex;
    if (m[5] !== undefined) {
      decode(m[5]);
      continue;
    }
    if (m[1]) {
      if (open.pop()!.name !== m[2]) throw new Error(`${m[2]} closed out of order`);
      continue;
    }
    const attributes = Object.fromEntries(
      [...m[3]!.matchAll(/([\w-]+)="([^"]*)"/g)].map((a) => [a[1]!, decode(a[2]!)]),
    );
    const element = { name: m[2]!, attributes, children: [] };
    open.at(-1)!.children.push(element);
    if (!m[4]) open.push(element);
  }
  if (at !== text.length || open.length !== 1) throw new Error("not well-formed");
  return root.children[0]!;
}

function decode(text: string): string {
  const bare = text.replace(/&(amp|lt|gt|quot|apos);/g, "");
  if (/[&<]/.test(bare)) throw new Error(`bare & or < in ${text}`);
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}
