/** The languages that there are words in, each by its own name, for who has no profile that says one. */

import { LANGUAGES, pageLanguage, say, speakToGuests } from "../lib/words";

const ownName = (tag: string): string => new Intl.DisplayNames(tag, { type: "language" }).of(tag) ?? tag;

export function LanguageChoice() {
  return (
    <div class="language-choice" role="group" aria-label={say("language.page")}>
      {Object.keys(LANGUAGES).map((tag) => (
        <button
          key={tag}
          type="button"
          class="inline-link"
          lang={tag}
          aria-pressed={tag === pageLanguage()}
          onClick={() => speakToGuests(tag)}
        >
          {ownName(tag)}
        </button>
      ))}
    </div>
  );
}
