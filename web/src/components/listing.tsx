import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { setting } from "../lib/artwork";

interface Props {
  eyebrow: string;
  heading: string;
  text?: string | null;
  /** Said to screen readers once it is there, such as how many there are. */
  status?: string;
  children: ComponentChildren;
}

/** A page that lists titles: what they have in common, and the list. */
export function Listing({ eyebrow, heading, text, status = "", children }: Props) {
  const [said, setSaid] = useState("");
  useEffect(() => setSaid(status), [status]); // screen readers say what changes, not what was there from the start
  return (
    <section class="results">
      <p class="eyebrow">{eyebrow}</p>
      <h1 class={`display ${setting(heading) === "tiny" ? "tiny" : "small"}`}>{heading}</h1>
      {text && <p class="results-text">{text}</p>}
      <p class="visually-hidden" role="status">
        {said}
      </p>
      {children}
    </section>
  );
}
