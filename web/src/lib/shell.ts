/** Registers the service worker, which keeps the app's own files. */

const SETTLED_MS = 10_000; // by then the first page stands, and what it was opened for plays

const register = (): void => void navigator.serviceWorker.register("/sw.js").catch(() => undefined);

function later(): void {
  setTimeout(register, SETTLED_MS);
}

/** Has the files kept, well after the first page is there; browsers may refuse. */
export function keepShell(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  if (document.readyState === "complete") later();
  else window.addEventListener("load", later);
}
