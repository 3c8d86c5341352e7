import type { RefObject } from "preact";
import { createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { TensorFile } from "../../contract/safetensors.js";
import type { Theme } from "../render/color.js";
import { THEMES } from "../render/color.js";
import type { Row } from "./blocks.js";
import { block, tableRows } from "./blocks.js";
import { manifest } from "./model.js";

export const ThemeContext = createContext<Theme>(THEMES.light);
export const useTheme = (): Theme => useContext(ThemeContext);

export type Loaded<T> = { readonly value?: T; readonly error?: string };

/** Blocks by name, when all are there. */
export function useBlocks(wanted: readonly string[]): Loaded<readonly TensorFile[]> {
  const id = wanted.join(" ");
  const [got, set] = useState<{ id: string } & Loaded<readonly TensorFile[]>>({ id: "" });
  useEffect(() => {
    let left = false;
    Promise.all(wanted.map(block)).then(
      (value) => !left && set({ id, value }),
      (e: unknown) => !left && set({ id, error: e instanceof Error ? e.message : String(e) }),
    );
    return () => {
      left = true;
    };
  }, [id]);
  return got.id === id ? got : {};
}

/** Rows of a table that this study may not have: then none. */
export function useTable(name: string): Loaded<readonly Row[]> {
  const has = name in manifest.tables;
  const { value, error } = useBlocks(has ? [`tables/${name}`] : []);
  if (!has) return { value: [] };
  if (error !== undefined) return { error };
  return value ? { value: tableRows(value[0]!) } : {};
}

/** Width of an element in pixels, whole; 0 before it is known. */
export function useWidth(): [RefObject<HTMLDivElement>, number] {
  const ref = useRef<HTMLDivElement>(null);
  const [width, set] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => set(Math.floor(element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref as RefObject<HTMLDivElement>, width];
}
