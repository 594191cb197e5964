/**
 * Keeps the app's own files, so that it opens without a connection and then says so in the viewer's language. Pages and
 * the API always come from the network while there is one; nothing of the catalogue and no media are kept here.
 */

const SHELL = ["/", "__FILES__"]; // the files of the first page, which the build puts in
const CACHE = "shell-__VERSION__";
const FILE = /^\/assets\//; // named by what is in them, so they never change

// What never comes from here goes past this worker. A page's last report would otherwise have to wait for it to wake up,
// and is lost when the page is gone before.
const DIRECT = ["/v1/*", "/m/*"].map((pathname) => ({ condition: { urlPattern: { pathname } }, source: "network" }));

self.addEventListener("install", (event) => {
  event.addRoutes?.(DIRECT).catch(() => undefined); // a browser that knows no routes asks below
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(SHELL))
      .then(() => self.skipWaiting()),
  );
});

async function dropOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  await self.registration.navigationPreload?.enable();
}

self.addEventListener("activate", (event) => event.waitUntil(dropOthers()));

async function page(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch (error) {
    const kept = await caches.match("/");
    if (kept) return kept;
    throw error;
  }
}

const file = async (request) => (await caches.match(request)) ?? fetch(request);

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.method !== "GET") return;
  // The reference and the demo's mail are not pages of the app, and /v1 has links that are opened as pages.
  if (request.mode === "navigate" && !/^\/(v1|docs|demo|metrics)\b/.test(pathname)) event.respondWith(page(event));
  else if (FILE.test(pathname)) event.respondWith(file(request));
});
