import { useCallback, useEffect, useState } from "preact/hooks";

import { ApiError } from "../api/client";
import { pageLanguage } from "./words";

export type Load<T> =
  { state: "loading" } | { state: "failed"; error: ApiError; retry: () => void } | { state: "ready"; value: T };

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, "unknown", String(error));
}

/** Loads anew whenever `name` or the page's language changes; what is still on its way for an older one is aborted. */
export function useLoad<T>(name: string, loader: (signal: AbortSignal) => Promise<T>): Load<T> {
  const key = `${name} ${pageLanguage()}`; // texts of the API are in it
  const [attempt, setAttempt] = useState(0);
  const [held, setHeld] = useState<{ key: string; load: Load<T> }>({ key, load: { state: "loading" } });
  const retry = useCallback(() => setAttempt((n) => n + 1), []);
  useEffect(() => {
    const abort = new AbortController();
    const settle = (load: Load<T>): void => {
      if (!abort.signal.aborted) setHeld({ key, load });
    };
    settle({ state: "loading" });
    loader(abort.signal).then(
      (value) => settle({ state: "ready", value }),
      (error: unknown) => settle({ state: "failed", error: asApiError(error), retry }),
    );
    return () => abort.abort();
  }, [key, attempt]);
  return held.key === key ? held.load : { state: "loading" };
}

export function useDocumentTitle(text: string): void {
  useEffect(() => {
    document.title = text ? `${text} · Marquee` : "Marquee";
  }, [text]);
}
