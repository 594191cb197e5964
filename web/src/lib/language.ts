import { useEffect, useLayoutEffect, useState } from "preact/hooks";

import { LANGUAGE_CHANGED, pageLanguage } from "./words";

/** The language of the page, also on `<html lang>`; who calls this is drawn anew when it changes. */
export function useLanguage(): string {
  const [language, setLanguage] = useState(pageLanguage);
  useEffect(() => {
    const read = (): void => setLanguage(pageLanguage());
    read();
    const events = [LANGUAGE_CHANGED, "languagechange"];
    for (const name of events) window.addEventListener(name, read);
    return () => events.forEach((name) => window.removeEventListener(name, read));
  }, []);
  useLayoutEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return language;
}
