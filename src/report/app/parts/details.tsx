import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** What is read by those who ask for it, and printed for everybody. */
export function Details({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  const box = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    let closed = false;
    const before = () => {
      closed = box.current?.open === false;
      if (box.current) box.current.open = true;
    };
    const after = () => {
      if (closed && box.current) box.current.open = false;
    };
    addEventListener("beforeprint", before);
    addEventListener("afterprint", after);
    return () => {
      removeEventListener("beforeprint", before);
      removeEventListener("afterprint", after);
    };
  }, []);
  return (
    <details class="words" ref={box}>
      <summary>{title}</summary>
      {children}
    </details>
  );
}
