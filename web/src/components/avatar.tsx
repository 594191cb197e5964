import { artwork } from "../lib/artwork";

/** A profile's letter on colours of its own. Decoration: the name stands beside it. */
export function Avatar({ id, name }: { id: string; name: string }) {
  return (
    <span class="avatar" style={artwork(id)} aria-hidden="true">
      {[...name.trim()][0]?.toUpperCase() ?? "?"}
    </span>
  );
}
