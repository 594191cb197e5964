/** When the viewer asked to play. The start-up clock runs from the click, not from the page that answers it. */

let asked: { titleId: string; at: number } | null = null;

export function intend(titleId: string): void {
  asked = { titleId, at: Date.now() };
}

/** The moment of the click in Unix ms, or now when the player page was opened directly. Good once. */
export function takeIntent(titleId: string): number {
  const at = asked?.titleId === titleId ? asked.at : Date.now();
  asked = null;
  return at;
}
