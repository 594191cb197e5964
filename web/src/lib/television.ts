/** Whether the app runs on a television, and the key of its remote control that leads back. */

// As the API tells televisions (api/context.py).
const AGENTS =
  /smart-?tv|google ?tv|apple ?tv|hbbtv|netcast|web0s|bravia|\bcrkey\b|\baft\w+\b|roku|viera|tizen.*\btv\b/i;
const BACK_KEYS = new Set(["Escape", "GoBack", "BrowserBack", "XF86Back"]);
const BACK_CODES = new Set([461, 10009]); // of HbbTV and webOS, of Tizen, which name no key

export const isTelevision = (agent = navigator.userAgent): boolean => AGENTS.test(agent);

/** Whether a key of a television's remote control leads back; Backspace does where nothing is written. */
export function isBack({ key, keyCode }: Pick<KeyboardEvent, "key" | "keyCode">, writes: boolean): boolean {
  return BACK_KEYS.has(key) || BACK_CODES.has(keyCode) || (key === "Backspace" && !writes);
}
