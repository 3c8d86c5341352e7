export interface ApiEntry {
  readonly entry: string;
  readonly name: string;
  readonly kind: "function" | "interface" | "type" | "class" | "enum" | "const";
  readonly signature: string;
  readonly doc: string;
  readonly file: string;
  readonly throws: boolean;
}
export const ENTRIES: Readonly<Record<string, string>>;
export function readApi(entries?: Readonly<Record<string, string>>): ApiEntry[];
export function undocumented(api: readonly ApiEntry[]): string[];
export function apiMarkdown(api: readonly ApiEntry[]): string;
