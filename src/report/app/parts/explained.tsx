import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { TermName } from "./meanings.js";
import { GLOSSARY } from "./meanings.js";

/** Pixels that a meaning is wide at most, with its margin. */
const WIDE = 320;
/** Room that the longest one needs below its name. */
const HIGH = 170;

/** The name of a number; what it is and between what it lies come up on hover and focus, and go with Escape. */
export function Term({ of, children }: { of: TermName; children?: ComponentChildren }): JSX.Element {
  const id = useId();
  const [at, set] = useState<{ left: number; top: number } | undefined>();
  const box = useRef<HTMLSpanElement>(null);
  const { what, range } = GLOSSARY[of];
  const show = () => {
    const own = box.current?.getBoundingClientRect();
    // placed in the window, so that no box that scrolls cuts it; above where there is no room below
    if (!own) return;
    const top = own.bottom > innerHeight - HIGH ? Math.max(8, own.top - HIGH) : own.bottom + 3;
    set({ left: Math.max(12, Math.min(own.left, innerWidth - WIDE)), top });
  };
  const hide = () => set(undefined);
  useEffect(() => {
    if (!at) return;
    addEventListener("scroll", hide, true);
    return () => removeEventListener("scroll", hide, true);
  }, [at]);
  return (
    <span class="explained" ref={box} onPointerEnter={show} onPointerLeave={hide}>
      <button
        type="button"
        class="term"
        aria-describedby={id}
        onFocus={show}
        onBlur={hide}
        onClick={show}
        onKeyDown={(e) => e.key === "Escape" && hide()}
      >
        {children ?? of}
      </button>
      <span
        role="tooltip"
        id={id}
        class={at ? "meaning open" : "meaning"}
        style={at && { left: `${at.left}px`, top: `${at.top}px` }}
      >
        {what} <span class="soft">{range}.</span>
      </span>
    </span>
  );
}

/** Numbers with their names, each explained. */
export function Numbers({ of }: { of: readonly (readonly [TermName, string, string?])[] }): JSX.Element {
  return (
    <ul class="numbers">
      {of.map(([name, value, shown]) => (
        <li key={name}>
          <b>{value}</b>
          <Term of={name}>{shown ?? name}</Term>
        </li>
      ))}
    </ul>
  );
}
