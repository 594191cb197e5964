import { useState } from "preact/hooks";

import { artwork, setting } from "../lib/artwork";

interface Props {
  seed: string;
  name: string;
  url: string | null;
  shape: "poster" | "backdrop";
  eager?: boolean;
}

/** The picture of a title, or one made of colour and its name where there is none or it does not load. */
export function Artwork({ seed, name, url, shape, eager = false }: Props) {
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
          loading={eager ? "eager" : "lazy"}
          fetchpriority={eager ? "high" : "auto"}
          decoding="async"
          onError={() => setBroken(url)}
        />
      )}
    </span>
  );
}
