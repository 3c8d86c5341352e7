import { sha256 } from "./store.js";

const LONGEST = 80;

/** A name of a network as the name of a file: letters, digits, `_.-`; where signs had to go or it was too long, some of its hash keeps it unique. */
export function fileName(id: string): string {
  const plain = id.replace(/[^\w.-]+/g, "_");
  if (plain === id && id.length <= LONGEST && !/^\.+$/.test(id)) return id;
  return `${plain.slice(0, LONGEST)}-${sha256(id).slice(0, 8)}`;
}
