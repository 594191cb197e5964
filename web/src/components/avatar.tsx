import type { Profile } from "../api/types";

export const COLOURS = ["violet", "blue", "teal", "green", "amber", "red", "pink", "grey"] as const;

/** A profile's letter on the colours that it has chosen. Decoration: the name stands beside it. */
export function Avatar({ avatar, name }: Pick<Profile, "avatar" | "name">) {
  return (
    <span class={`avatar of-${avatar}`} aria-hidden="true">
      {[...name.trim()][0]?.toUpperCase() ?? "?"}
    </span>
  );
}
