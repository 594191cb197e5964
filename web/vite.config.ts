import { defineConfig, type Plugin } from "vite";

/** Shaka's style sheet names a font on another host; the app has fonts of its own and asks no one else for anything. */
const ownFontsOnly: Plugin = {
  name: "own-fonts-only",
  enforce: "pre",
  transform: (code, id) =>
    /shaka-player.*\.css/.test(id) ? { code: code.replace(/@font-face\s*{[^}]*}/g, ""), map: null } : null,
};

// Shaka Player is one chunk of its own, fetched only by the pages that play.
export default defineConfig({
  plugins: [ownFontsOnly],
  build: { target: "es2022", chunkSizeWarningLimit: 1000 },
  server: { proxy: { "/v1": "http://localhost:8000" } },
});
