import { useState } from "preact/hooks";

import type { TitleCard } from "../api/types";
import { artwork, position, setting, sources } from "../lib/artwork";

interface Props {
  seed: string;
  name: string;
  url: string | null;
  shape: "poster" | "backdrop";
  /** In which the picture is there too, in pixels. */
  widths?: readonly number[];
  /** How wide it is shown, as of `sizes`. */
  sizes?: string;
  /** Where the picture is held when it is cut; its middle by default. */
  focus?: TitleCard["backdrop_focus"];
  eager?: boolean;
  /** The picture is there, or does not come. */
  onSettled?: () => void;
}

const SIZES = { poster: "(max-width: 640px) 38vw, 15vw", backdrop: "100vw" };

/** The picture of a title, or one made of colour and its name where there is none or it does not load. */
export function Artwork({
  seed,
  name,
  url,
  shape,
  widths = [],
  sizes = SIZES[shape],
  focus = null,
  eager = false,
  onSettled,
}: Props) {
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
          srcset={sources(url, shape, widths)}
          sizes={sizes}
          src={url}
          alt=""
          style={position(focus)}
          loading={eager ? "eager" : "lazy"}
          fetchpriority={eager ? "high" : "auto"}
          decoding="async"
          onLoad={onSettled}
          onError={() => {
            setBroken(url);
            onSettled?.();
          }}
        />
      )}
    </span>
  );
}
