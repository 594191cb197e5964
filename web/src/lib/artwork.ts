/** Pictures for titles that have none: colours that follow from the id, so that a title always looks the same. */

function hash(text: string): number {
  let h = 2166136261; // FNV-1a
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  h ^= h >>> 15;
  return Math.imul(h, 2246822519) >>> 0;
}

/** CSS custom properties: a hue, its companion, where the light falls. */
export function artwork(seed: string): Record<string, string> {
  const h = hash(seed);
  const hue = h % 360;
  const step = 40 + ((h >>> 9) % 70);
  return { "--hue": `${hue}`, "--hue-2": `${(hue + step) % 360}`, "--light": `${15 + ((h >>> 17) % 70)}%` };
}

const WIDEST = { poster: 1000, backdrop: 1920 }; // about, of the picture as it was made

/** The addresses of a picture by width, for `srcset`; nothing where it is there in one width alone. */
export function sources(url: string, shape: keyof typeof WIDEST, widths: readonly number[]): string | undefined {
  if (!widths.length) return undefined;
  const narrower = widths.map((width) => `${url.replace(/([^/]+)\.\w+$/, `${width}/$1.webp`)} ${width}w`);
  return [...narrower, `${url} ${WIDEST[shape]}w`].join(", ");
}

/** CSS for where a picture is held that is cut to another shape; its middle where nobody has said. */
export function position(focus: { x: number; y: number } | null): Record<string, string> {
  return focus ? { "object-position": `${100 * focus.x}% ${100 * focus.y}%` } : {};
}

/** How large a title can be set: by its length and its longest word. */
export function setting(name: string): "large" | "medium" | "small" | "tiny" {
  const longest = Math.max(...name.split(/\s+/).map((word) => word.length));
  if (name.length <= 14 && longest <= 8) return "large";
  if (name.length <= 30 && longest <= 11) return "medium";
  return name.length <= 64 && longest <= 16 ? "small" : "tiny";
}
