/** The focus of a new page. */

import { useEffect, useRef } from "preact/hooks";

import { followed } from "./router";

const LONGEST_WAIT_MS = 4_000;
const ACTS = ["keydown", "pointerdown", "wheel"];

/**
 * Whoever came by a link that is gone stands at the beginning of the new page, not of the document; whoever came back
 * stands again on the link that was followed from there, once it is loaded.
 */
export function useFocusOnArrival(page: string): void {
  const first = useRef(page);
  useEffect(() => {
    if (page === first.current) return;
    first.current = "";
    if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
    const link = followed();
    return link ? focusOnceThere(link) : undefined;
  }, [page]);
}

/** Gives up when the viewer does something else. */
function focusOnceThere(href: string): () => void {
  const look = (): void => {
    const links = document.querySelectorAll<HTMLAnchorElement>("main a[href]");
    const link = [...links].find((each) => each.getAttribute("href") === href);
    if (!link) return;
    stop();
    link.focus();
  };
  const observer = new MutationObserver(look);
  const timer = setTimeout(() => stop(), LONGEST_WAIT_MS);
  const stop = (): void => {
    observer.disconnect();
    clearTimeout(timer);
    for (const name of ACTS) window.removeEventListener(name, stop);
  };
  observer.observe(document.body, { childList: true, subtree: true });
  for (const name of ACTS) window.addEventListener(name, stop);
  look();
  return stop;
}
