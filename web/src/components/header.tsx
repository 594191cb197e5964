import { useEffect, useRef, useState } from "preact/hooks";

import { useMember } from "../lib/member";
import { chosenOf, useProfiles } from "../lib/profiles";
import { ACCOUNT, navigate, PROFILES, searchPath, SIGN_IN } from "../lib/router";
import { say } from "../lib/words";
import { Avatar } from "./avatar";
import { CloseIcon, PersonIcon, SearchIcon } from "./icons";
import { Link } from "./link";

const DEBOUNCE_MS = 220;

/** `query` is what the address says; the box follows it when it changes by other means. */
export function Header({ query }: { query: string }) {
  const [text, setText] = useState(query);
  const box = useRef<HTMLInputElement>(null);
  const timer = useRef(0);
  const asked = useRef(query);

  useEffect(() => {
    if (query === asked.current) return; // the address follows the box, not the other way round
    asked.current = query;
    setText(query);
  }, [query]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    const slash = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      box.current?.focus();
    };
    window.addEventListener("keydown", slash);
    return () => window.removeEventListener("keydown", slash);
  }, []);

  const search = (value: string, delay: number): void => {
    setText(value);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      const onResults = new URLSearchParams(location.search).has("q");
      asked.current = value.trim();
      navigate(searchPath(asked.current), { replace: onResults });
    }, delay);
  };

  return (
    <header class="header">
      <Link to="/" class="wordmark" aria-label={say("home")} onFollow={() => setText("")}>
        <span class="bulbs" aria-hidden="true" />
        Marquee
        <span class="bulbs" aria-hidden="true" />
      </Link>
      <form
        role="search"
        class="search"
        onSubmit={(event) => {
          event.preventDefault();
          search(text, 0);
        }}
      >
        <SearchIcon />
        <input
          ref={box}
          type="search"
          aria-label={say("search.titles")}
          placeholder={say("search")}
          autocomplete="off"
          spellcheck={false}
          maxLength={200}
          value={text}
          onInput={(event) => search(event.currentTarget.value, DEBOUNCE_MS)}
        />
        {text && (
          <button
            type="button"
            class="search-clear"
            aria-label={say("search.clear")}
            onClick={() => {
              search("", 0);
              box.current?.focus();
            }}
          >
            <CloseIcon />
          </button>
        )}
      </form>
      <SignedIn />
      <WhoIsWatching />
    </header>
  );
}

function SignedIn() {
  const member = useMember();
  if (member === undefined) return null;
  return (
    <Link to={member ? ACCOUNT : SIGN_IN} class="sign-in-link" aria-label={say(member ? "account" : "sign-in")}>
      {member && <PersonIcon />}
      <span>{say(member ? "account" : "sign-in")}</span>
    </Link>
  );
}

function WhoIsWatching() {
  const list = useProfiles();
  const current = list && chosenOf(list);
  if (!current) return null;
  return (
    <Link to={PROFILES} class="who">
      <Avatar {...current} />
      <span class="visually-hidden">{say("profiles.current", { name: current.name })}</span>
      <span class="who-name" aria-hidden="true">
        {current.name}
      </span>
    </Link>
  );
}
