import { useEffect, useRef, useState } from "preact/hooks";

import type { Suggestion } from "../api/types";
import { genre } from "../lib/format";
import { navigate, searchPath } from "../lib/router";
import { moved, suggestionPath, useSuggestions } from "../lib/suggesting";
import { say } from "../lib/words";
import { CloseIcon, SearchIcon } from "./icons";

const FIELD = -1;

/**
 * The field of a search with suggestions: a combobox with a list box (ARIA Authoring Practices Guide, "Editable Combobox
 * With List Autocomplete"). `query` is what the address says; the field follows it.
 */
export function SearchBox({ query }: { query: string }) {
  const [text, setText] = useState(query);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(FIELD);
  const box = useRef<HTMLInputElement>(null);
  const items = useSuggestions(text, open);
  const shown = items ?? [];
  const expanded = open && shown.length > 0;

  useEffect(() => setText(query), [query]);
  useEffect(() => setActive(FIELD), [text]);
  useSlash(box);

  const leave = (path: string): void => {
    setOpen(false);
    setActive(FIELD);
    box.current?.blur(); // the results get the focus, and a phone's keyboard goes
    navigate(path, { replace: location.pathname === "/search" && path.startsWith("/search") });
  };
  const choose = (one: Suggestion): void => {
    setText("");
    leave(suggestionPath(one));
  };
  const press = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Escape" && (expanded || text)) {
      event.preventDefault();
      if (expanded) setOpen(false);
      else setText("");
    }
    if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
    if (expanded) {
      event.preventDefault();
      setActive(moved(active, shown.length, event.key));
    } else if (event.altKey) setOpen(true);
  };
  return (
    <form
      role="search"
      class="search"
      onSubmit={(event) => {
        event.preventDefault();
        const chosen = expanded ? shown[active] : undefined;
        if (chosen) choose(chosen);
        else if (text.trim()) leave(searchPath(text.trim()));
      }}
    >
      <SearchIcon />
      <input
        ref={box}
        type="text"
        role="combobox"
        aria-label={say("search.titles")}
        aria-autocomplete="list"
        aria-controls="suggestions"
        aria-expanded={expanded}
        {...(expanded && active !== FIELD && { "aria-activedescendant": `suggestion-${active}` })}
        placeholder={say("search")}
        autocomplete="off"
        autocapitalize="off"
        enterkeyhint="search"
        spellcheck={false}
        maxLength={200}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setOpen(true);
        }}
        onKeyDown={press}
        onBlur={() => setOpen(false)}
      />
      {text && (
        <button
          type="button"
          class="search-clear"
          aria-label={say("search.clear")}
          onClick={() => {
            setText("");
            box.current?.focus();
          }}
        >
          <CloseIcon />
        </button>
      )}
      <Suggestions items={expanded ? shown : []} active={active} choose={choose} />
      <span class="visually-hidden" role="status">
        {open && items && (items.length ? say("suggested", { count: items.length }) : say("suggested.none"))}
      </span>
    </form>
  );
}

interface ListProps {
  items: readonly Suggestion[];
  active: number;
  choose: (one: Suggestion) => void;
}

function Suggestions({ items, active, choose }: ListProps) {
  return (
    <div class="suggestions" id="suggestions" role="listbox" aria-label={say("suggestions")} hidden={!items.length}>
      {items.map((one, place) => (
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the field has the keys
        <div
          key={`${one.kind} ${suggestionPath(one)}`}
          id={`suggestion-${place}`}
          class="suggestion"
          role="option"
          tabIndex={-1}
          aria-selected={place === active}
          ref={(el) => void (place === active && el?.scrollIntoView({ block: "nearest" }))}
          onMouseDown={(event) => event.preventDefault()} // the field keeps the focus
          onClick={() => choose(one)}
        >
          <span class="suggestion-text">{one.kind === "genre" ? genre(one.text) : one.text}</span>
          <span class="suggestion-kind">{say(`suggestion.${one.kind}`)}</span>
        </div>
      ))}
    </div>
  );
}

/** "/" leads to the field from anywhere but another one. */
function useSlash(box: { current: HTMLInputElement | null }): void {
  useEffect(() => {
    const slash = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      box.current?.focus();
    };
    window.addEventListener("keydown", slash);
    return () => window.removeEventListener("keydown", slash);
  }, []);
}
