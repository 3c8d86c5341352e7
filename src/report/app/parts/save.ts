/** Gives the reader a file. */
export function save(name: string, type: string, content: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** A file name from names that may hold anything. */
export function fileName(...parts: readonly string[]): string {
  return parts
    .map((p) => p.replace(/[^\p{L}\p{N}.]+/gu, "-").slice(0, 60))
    .filter((p) => p !== "-")
    .join("_")
    .replace(/^[-.]+/, "");
}
