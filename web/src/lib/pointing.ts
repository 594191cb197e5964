/** Pointing at *Play*, which is the best sign that a click will follow. */

import { useEffect, useMemo } from "preact/hooks";

import { prefetchPlayer, prepare } from "../player/prepare";

const DWELL_MS = 120; // shorter, and the pointer was only passing

export interface Pointing {
  onPointerEnter: () => void;
  onPointerLeave: () => void;
  onPointerDown: () => void;
  onFocus: () => void;
  onBlur: () => void;
}

/** Handlers of a link that plays a title: it is made ready while somebody points at the link, or holds its focus. */
export function usePointing(titleId: string): Pointing {
  const pointing = useMemo(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = (): void => clearTimeout(timer);
    const enter = (): void => {
      prefetchPlayer();
      leave();
      timer = setTimeout(() => prepare(titleId), DWELL_MS);
    };
    const press = (): void => prepare(titleId);
    return { onPointerEnter: enter, onPointerLeave: leave, onPointerDown: press, onFocus: enter, onBlur: leave };
  }, [titleId]);
  useEffect(() => pointing.onPointerLeave, [pointing]);
  return pointing;
}
