import { afterEach, describe, expect, it, vi } from "vitest";

import {
  LANGUAGES,
  pageLocale,
  pickLanguage,
  say,
  sayProblem,
  speakTo,
  speakToGuests,
  type Word,
} from "../src/lib/words";

const names = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

describe("words", () => {
  it.each(Object.keys(LANGUAGES))("%s has every word, with the same values in it", (language) => {
    const [english, other] = [LANGUAGES.en!, LANGUAGES[language]!];
    expect(Object.keys(other).sort()).toEqual(Object.keys(english).sort());
    for (const word of Object.keys(english) as Word[]) {
      expect(other[word].trim(), word).not.toBe("");
      expect(names(other[word]), word).toEqual(names(english[word]));
    }
  });

  it("takes the first wanted language that there is", () => {
    expect(pickLanguage(["fr-CA", "de-AT", "en"])).toBe("de");
    expect(pickLanguage(["fr"])).toBe("en");
    expect(pickLanguage([])).toBe("en");
  });

  it("puts values in their places", () => {
    expect(say("totp.on", { count: 3 }, "en")).toContain("3 recovery codes are left");
    expect(say("totp.on", { count: 1 }, "en")).toContain("1 recovery code is left");
    expect(say("search.found", { count: 1234 }, "de")).toBe("1.234 Titel gefunden");
  });

  it("has a plain form for each that is for one", () => {
    const keys = Object.keys(LANGUAGES.en!);
    const forms = keys.filter((key) => key.endsWith(".one"));
    expect(forms.length).toBeGreaterThan(3);
    for (const key of forms) expect(keys).toContain(key.replace(/\.one$/, ""));
  });

  it("tells of a problem by its type", () => {
    expect(sayProblem("wrong-pin")).toBe("The PIN is wrong.");
    expect(sayProblem("never-heard-of")).toBe(say("problem.unknown"));
  });
});

describe("the language of the page", () => {
  afterEach(() => {
    speakTo(null);
    speakToGuests(null);
    vi.unstubAllGlobals();
  });

  it("is that of who watches, else the browser's, else English", () => {
    const changed = vi.fn();
    vi.stubGlobal("window", { dispatchEvent: changed });
    vi.stubGlobal("navigator", { languages: ["de-AT", "en"] });
    expect([say("play"), pageLocale()]).toEqual(["Abspielen", "de-AT"]);
    speakTo({ languages: ["fr", "en"] });
    expect([say("play"), pageLocale()]).toEqual(["Play", "en"]);
    speakTo({ languages: ["ja"] });
    expect(say("play")).toBe("Abspielen");
    expect(changed).toHaveBeenCalledTimes(2);
    vi.stubGlobal("navigator", { languages: ["ja"] });
    expect(say("play")).toBe("Play");
  });

  it("is what a guest has chosen on this device, until somebody watches who says another", async () => {
    const kept = new Map<string, string>();
    vi.stubGlobal("window", { dispatchEvent: vi.fn() });
    vi.stubGlobal("navigator", { languages: ["en-GB"] });
    vi.stubGlobal("localStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    });
    speakToGuests("de");
    expect(say("play")).toBe("Abspielen");
    speakTo({ languages: ["en"] });
    expect(say("play")).toBe("Play");
    speakTo(null);
    expect(say("play")).toBe("Abspielen");
    vi.resetModules(); // a page that is opened later
    const later = await import("../src/lib/words");
    expect(later.say("play")).toBe("Abspielen");
  });
});
