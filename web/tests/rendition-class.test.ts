import { describe, expect, it } from "vitest";

import { qualityClass, qualityLabel } from "../src/player/rendition";

describe("quality classes", () => {
  it.each([
    [1280, 544, "720p"],
    [640, 272, "360p"],
    [1440, 1074, "1080p"],
    [640, 478, "480p"],
    [416, 234, "240p"],
    [1080, 1920, "1080p"],
    [800, 450, "450p"],
  ])("names %i × %i %s, as the pages do", (width, height, name) => {
    expect(qualityClass(width, height)).toBe(name);
    expect(qualityClass(height, width)).toBe(name);
  });

  it("keeps what the player adds and shows the exact size", () => {
    expect(qualityLabel("544p HDR", { width: 1280, height: 544 })).toBe("720p HDR (1280×544)");
    expect(qualityLabel("400 kbits/s", {})).toBe("400 kbits/s");
  });
});
