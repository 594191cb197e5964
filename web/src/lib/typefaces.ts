/**
 * When the app's typefaces are fetched. On a slow link they are half a second of it, which the picture that opens the
 * home page needs more; until they come, words stand in the device's own typeface.
 */

const LATEST_MS = 4_000; // after which they come, picture or not

const fetchFonts = (): void => void import("../fonts").catch(() => undefined);

/** At once where the service worker keeps them, and on other pages; on the home page after its first picture. */
export function fetchTypefaces(): void {
  if (location.pathname !== "/" || navigator.serviceWorker?.controller) return fetchFonts();
  const timer = setTimeout(settled, LATEST_MS);
  function settled(): void {
    clearTimeout(timer);
    document.removeEventListener("load", loaded, true);
    document.removeEventListener("error", loaded, true);
    fetchFonts();
  }
  const loaded = ({ target }: Event): void => {
    if (target instanceof HTMLImageElement && target.closest(".hero")) settled();
  };
  document.addEventListener("load", loaded, true); // which does not bubble
  document.addEventListener("error", loaded, true);
}
