import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { defineConfig, type Plugin } from "vite";

/** Shaka's style sheet names a font on another host; the app has fonts of its own and asks no one else for anything. */
const ownFontsOnly: Plugin = {
  name: "own-fonts-only",
  enforce: "pre",
  transform: (code, id) =>
    /shaka-player.*\.css/.test(id) ? { code: code.replace(/@font-face\s*{[^}]*}/g, ""), map: null } : null,
};

const FIRST_FILES = /^assets\/((index|mount)-.*\.(js|css)|fonts-.*\.css|.*-latin-(wdth|wght)-.*\.woff2)$/;

/** The app is fetched beside the script that asks for it. */
const appAhead: Plugin = {
  name: "app-ahead",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler: (_html, { bundle }) =>
      Object.keys(bundle ?? {})
        .filter((name) => /^assets\/mount-.*\.js$/.test(name))
        .map((name) => ({
          tag: "link",
          attrs: { rel: "modulepreload", crossorigin: true, href: `/${name}` },
          injectTo: "head" as const,
        })),
  },
};

/** The service worker, with the names of the files that the first page needs. */
const serviceWorker: Plugin = {
  name: "service-worker",
  apply: "build",
  generateBundle(_options, bundle) {
    const files = Object.keys(bundle)
      .filter((name) => FIRST_FILES.test(name))
      .map((name) => `/${name}`)
      .sort();
    const source = readFileSync("src/service-worker.js", "utf8");
    const version = createHash("sha256").update(source).update(files.join()).digest("hex").slice(0, 12);
    const made = source.replace('"__FILES__"', files.map((name) => JSON.stringify(name)).join(", "));
    this.emitFile({ type: "asset", fileName: "sw.js", source: made.replace("__VERSION__", version) });
  },
};

// Shaka Player is one chunk of its own, fetched only by the pages that play.
export default defineConfig({
  plugins: [ownFontsOnly, appAhead, serviceWorker],
  build: { target: "es2022", chunkSizeWarningLimit: 1000 },
  server: { proxy: { "/v1": "http://localhost:8000" } },
});
