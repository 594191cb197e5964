import { describe, expect, it } from "vitest";

import { LANGUAGES, pickLanguage, say, type Word } from "../src/lib/words";

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
    expect(say("totp.on", { count: 3 }, "en")).toContain("3 recovery codes");
  });
});
