/** What this browser can play: codecs, key systems, and the tallest picture that it decodes smoothly. */

import { findDecoding, mimeOf, type Decoding } from "./decoding";

const SYSTEMS = ["org.w3.clearkey", "com.widevine.alpha", "com.microsoft.playready", "com.apple.fps"];

const SCHEMES = ["cbcs", "cenc"] as const;

type Scheme = (typeof SCHEMES)[number];

async function hasKeySystem(system: string, encryptionScheme?: Scheme): Promise<boolean> {
  // Chromium warns about Widevine without a robustness; the others know no such words.
  const robustness = system === "com.widevine.alpha" ? "SW_SECURE_CRYPTO" : "";
  const videoCapabilities = [{ contentType: mimeOf("avc1"), robustness, encryptionScheme: encryptionScheme ?? null }];
  const initDataTypes = system === "com.apple.fps" ? ["sinf"] : ["cenc"];
  try {
    await navigator.requestMediaKeySystemAccess(system, [{ initDataTypes, videoCapabilities }]);
    return true;
  } catch {
    return false; // also where the page came over plain HTTP: browsers keep this from it
  }
}

/** The schemes that one of these systems decrypts. A browser that knows no such question says yes to all. */
async function schemesOf(systems: string[]): Promise<Scheme[]> {
  const found = SCHEMES.map(async (scheme) => {
    const answers = await Promise.all(systems.map((system) => hasKeySystem(system, scheme)));
    return answers.some(Boolean);
  });
  const known = await Promise.all(found);
  return SCHEMES.filter((_, i) => known[i]);
}

export interface Capabilities extends Decoding {
  drm: string[];
  schemes: Scheme[];
}

let known: Promise<Capabilities> | null = null;

/** Asked once. */
export function capabilities(): Promise<Capabilities> {
  known ??= (async () => {
    const [decoding, ...found] = await Promise.all([findDecoding(), ...SYSTEMS.map((system) => hasKeySystem(system))]);
    const drm = SYSTEMS.filter((_, i) => found[i]);
    return { ...decoding, drm, schemes: await schemesOf(drm) };
  })();
  return known;
}
