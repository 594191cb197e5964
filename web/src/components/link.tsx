import type { ComponentChildren } from "preact";

import { navigate } from "../lib/router";

interface Props {
  to: string;
  class?: string;
  "aria-label"?: string;
  onFollow?: () => void;
  onPointerEnter?: () => void;
  onPointerLeave?: () => void;
  onPointerDown?: () => void;
  onFocus?: () => void;
  onBlur?: () => void;
  children: ComponentChildren;
}

/** A real link, so that it can be opened in a new tab; an ordinary click stays inside the app. */
export function Link({ to, onFollow, children, ...rest }: Props) {
  const follow = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    onFollow?.();
    navigate(to);
  };
  return (
    <a {...rest} href={to} onClick={follow}>
      {children}
    </a>
  );
}
