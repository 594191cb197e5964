import type { Preferences } from "../api/types";
import { say } from "../lib/words";

export const SIZES = ["small", "medium", "large"] as const;
export const COLOURS = ["white", "yellow"] as const;
const SWITCHES = [
  ["text_background", "captions.background", true],
  ["audio_description", "audio.description", false],
  ["data_saver", "data.saver", false],
  ["autoplay_next", "autoplay", true],
] as const; // field, words, and what it is where nothing is said

/** How somebody likes to play: captions, sound, data, and what comes next. */
export function PlayingFields({
  preferences,
  change,
}: {
  preferences: Preferences;
  change: (changed: Partial<Preferences>) => void;
}) {
  return (
    <>
      <label class="field">
        <span>{say("captions.size")}</span>
        <select
          value={preferences.text_size}
          onChange={(event) => change({ text_size: event.currentTarget.value as (typeof SIZES)[number] })}
        >
          {SIZES.map((size) => (
            <option key={size} value={size}>
              {say(`captions.${size}`)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{say("captions.colour")}</span>
        <select
          value={preferences.text_colour}
          onChange={(event) => change({ text_colour: event.currentTarget.value as (typeof COLOURS)[number] })}
        >
          {COLOURS.map((colour) => (
            <option key={colour} value={colour}>
              {say(`captions.${colour}`)}
            </option>
          ))}
        </select>
      </label>
      {SWITCHES.map(([field, word, otherwise]) => (
        <label key={field} class="check">
          <input
            type="checkbox"
            checked={preferences[field] ?? otherwise}
            onChange={(event) => change({ [field]: event.currentTarget.checked })}
          />
          <span>{say(word)}</span>
        </label>
      ))}
    </>
  );
}
