/** Forms of a few fields: what is typed, what is under way, what went wrong. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import type { ApiError } from "../api/client";
import { asApiError } from "../lib/load";
import { say, sayProblem, type Word } from "../lib/words";

interface FieldProps {
  label: Word;
  name: string;
  type?: "email" | "password" | "text";
  autocomplete: string;
  hint?: Word;
  numeric?: boolean;
}

export function Field({ label, name, type = "text", autocomplete, hint, numeric }: FieldProps) {
  return (
    <label class="field">
      <span>{say(label)}</span>
      <input
        name={name}
        {
          ...({ type } as { type: "text" }) /* the types want one literal */
        }
        autocomplete={autocomplete}
        required
        spellcheck={false}
        maxLength={254}
        {...(numeric && { inputMode: "numeric" as const })}
        {...(hint && { "aria-describedby": `${name}-hint` })}
      />
      {hint && (
        <small id={`${name}-hint`} class="field-hint">
          {say(hint)}
        </small>
      )}
    </label>
  );
}

/** `send` gets what was typed, by field, and the name of the button if it has one; what it throws is shown. */
export function Form({
  button,
  values,
  quiet = false,
  send,
  children,
  footer,
}: {
  button: Word;
  /** What the button's words name. */
  values?: Record<string, string>;
  /** Beside another form whose button comes first. */
  quiet?: boolean;
  send: (typed: Record<string, string>) => Promise<void>;
  children?: ComponentChildren;
  footer?: ComponentChildren;
}) {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const typed = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement, event.submitter)) as Record<
      string,
      string
    >;
    setBusy(true);
    setFailed(null);
    try {
      await send(typed);
    } catch (error) {
      setFailed(asApiError(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      {children}
      {failed && (
        <p role="alert" class="form-failure">
          {sayProblem(failed.type)} {failed.status >= 500 && failed.traceId && <code>{failed.traceId}</code>}
        </p>
      )}
      <div class="actions form-actions">
        <button type="submit" class={`button ${quiet ? "ghost" : "primary"}`} aria-busy={busy}>
          {say(busy ? "working" : button, values)}
        </button>
        {footer}
      </div>
    </form>
  );
}
