/** What this browser can play: codecs, key systems, and the tallest picture that it decodes smoothly. */

import { findDecoding, mimeOf, type Decoding } from "./decoding";

const SYSTEMS = ["org.w3.clearkey", "com.widevine.alpha", "com.microsoft.playready", "com.apple.fps"];

async function hasKeySystem(system: string): Promise<boolean> {
  // Chromium warns about Widevine without a robustness; the others know no such words.
  const robustness = system === "com.widevine.alpha" ? "SW_SECURE_CRYPTO" : "";
  const videoCapabilities = [{ contentType: mimeOf("avc1"), robustness }];
  const initDataTypes = system === "com.apple.fps" ? ["sinf"] : ["cenc"];
  try {
    await navigator.requestMediaKeySystemAccess(system, [{ initDataTypes, videoCapabilities }]);
    return true;
  } catch {
    return false; // also where the page came over plain HTTP: browsers keep this from it
  }
}

export interface Capabilities extends Decoding {
  drm: string[];
}

let known: Promise<Capabilities> | null = null;

/** Asked once. */
export function capabilities(): Promise<Capabilities> {
  known ??= (async () => {
    const [decoding, ...found] = await Promise.all([findDecoding(), ...SYSTEMS.map(hasKeySystem)]);
    return { ...decoding, drm: SYSTEMS.filter((_, i) => found[i]) };
  })();
  return known;
}
