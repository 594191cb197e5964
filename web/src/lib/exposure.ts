import { useEffect } from "preact/hooks";

export const SEEN_SHARE = 0.5;
export const SEEN_MS = 1_000;

/** Calls `seen` once when half of the element has been in view for a second without a break. */
export function useExposure(element: { current: HTMLElement | null }, seen: () => void, key: string): void {
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = (): void => {
      clearTimeout(timer);
      timer = undefined;
    };
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry || entry.intersectionRatio < SEEN_SHARE) return stop();
        timer ??= setTimeout(() => {
          observer.disconnect();
          seen();
        }, SEEN_MS);
      },
      { threshold: SEEN_SHARE },
    );
    observer.observe(target);
    return () => {
      stop();
      observer.disconnect();
    };
  }, [key]);
}
