export interface DocPage {
  readonly text: string;
  readonly headings: readonly string[];
  readonly links: readonly string[];
}
export function slug(text: string): string;
export function readDocs(): Promise<Map<string, DocPage>>;
export function deadLinks(pages: ReadonlyMap<string, DocPage>): Promise<string[]>;
export function deadHrefs(out: string): Promise<string[]>;
export function buildDocs(out: string): Promise<number>;
