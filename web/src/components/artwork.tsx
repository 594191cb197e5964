import { useState } from "preact/hooks";

import type { TitleCard } from "../api/types";
import { artwork, position, setting } from "../lib/artwork";

interface Props {
  seed: string;
  name: string;
  url: string | null;
  shape: "poster" | "backdrop";
  /** Where the picture is held when it is cut; its middle by default. */
  focus?: TitleCard["backdrop_focus"];
  eager?: boolean;
}

/** The picture of a title, or one made of colour and its name where there is none or it does not load. */
export function Artwork({ seed, name, url, shape, focus = null, eager = false }: Props) {
  const [broken, setBroken] = useState<string | null>(null);
  const missing = !url || broken === url;
  return (
    <span class={`artwork ${shape}`} style={artwork(seed)}>
      {missing ? (
        shape === "poster" && (
          <span class={`artwork-name ${setting(name)}`} aria-hidden="true">
            {name}
          </span>
        )
      ) : (
        <img
          src={url}
          alt=""
          style={position(focus)}
          loading={eager ? "eager" : "lazy"}
          fetchpriority={eager ? "high" : "auto"}
          decoding="async"
          onError={() => setBroken(url)}
        />
      )}
    </span>
  );
}
