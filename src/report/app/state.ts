import { useEffect, useState } from "preact/hooks";

/** What is looked at; all of it lives in the fragment, so that a link opens it. */
export type State = Readonly<Record<string, string>>;

function read(): State {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

let current = read();
const listeners = new Set<(s: State) => void>();

/** Changes some of the state; undefined or "" takes a part away. `push`: a step that Back undoes. */
export function go(change: Readonly<Record<string, string | undefined>>, push = false): void {
  const merged = Object.entries({ ...current, ...change }).filter((e): e is [string, string] => !!e[1]);
  current = Object.fromEntries(merged);
  const hash = `#${new URLSearchParams(merged)}`;
  if (push) history.pushState(null, "", hash);
  else history.replaceState(null, "", hash);
  for (const l of listeners) l(current);
}

function follow(): void {
  current = read();
  for (const l of listeners) l(current);
}
addEventListener("hashchange", follow);
addEventListener("popstate", follow);

export function useAddress(): State {
  const [state, set] = useState(current);
  useEffect(() => {
    listeners.add(set);
    return () => void listeners.delete(set);
  }, []);
  return state;
}

/** A link to a state, for elements that are links. */
export function hrefOf(change: Readonly<Record<string, string>>): string {
  return `#${new URLSearchParams(change)}`;
}
