import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { Preferences } from "../api/types";
import { say } from "../lib/words";
import { KEYS, type Key } from "../player/keys";
import { CloseIcon } from "./icons";
import { PlayingFields } from "./playing-fields";

/** A sheet over the stage: a modal dialogue, which holds the focus until it is closed, and gives it back. */
function Sheet({ heading, close, children }: { heading: string; close: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  return (
    // Keys that are pressed here are not the player's.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={dialog}
      class="stage-sheet"
      aria-labelledby="sheet-heading"
      onClose={close}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <header class="stage-sheet-top">
        <h2 id="sheet-heading" class="display tiny">
          {heading}
        </h2>
        <button type="button" class="round" aria-label={say("close")} onClick={() => dialog.current?.close()}>
          <CloseIcon />
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** All keys of the player. */
export function KeysSheet({ close }: { close: () => void }) {
  return (
    <Sheet heading={say("player.keys")} close={close}>
      <dl class="keys">
        {KEYS.map((key) => (
          <KeyLine key={key.does} {...key} />
        ))}
      </dl>
    </Sheet>
  );
}

function KeyLine({ keys, does }: Key) {
  return (
    <div>
      <dt>
        {keys.map((key) => {
          const name = typeof key === "string" ? key : say(key.word);
          return <kbd key={name}>{name}</kbd>;
        })}
      </dt>
      <dd>{say(does)}</dd>
    </div>
  );
}

interface SettingsProps {
  preferences: Preferences;
  change: (changed: Partial<Preferences>) => void;
  close: () => void;
}

/** Captions, sound and data, as they are kept for the profile. */
export function SettingsSheet({ close, ...fields }: SettingsProps) {
  return (
    <Sheet heading={say("player.settings")} close={close}>
      <div class="stage-sheet-fields">
        <PlayingFields {...fields} />
      </div>
    </Sheet>
  );
}
