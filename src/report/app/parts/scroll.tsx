import type { ComponentChildren, JSX } from "preact";

/** What may be wider than the page: it scrolls in itself, by keyboard too. `also`: further classes. */
export function Scroll(p: { label: string; also?: string; children: ComponentChildren }): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard
    <section class={p.also ? `scroll ${p.also}` : "scroll"} tabIndex={0} aria-label={p.label}>
      {p.children}
    </section>
  );
}
