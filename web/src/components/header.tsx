import { useMember } from "../lib/member";
import { chosenOf, useProfiles } from "../lib/profiles";
import { ACCOUNT, PROFILES, SIGN_IN } from "../lib/router";
import { say } from "../lib/words";
import { Avatar } from "./avatar";
import { PersonIcon } from "./icons";
import { Link } from "./link";
import { SearchBox } from "./search-box";

/** `query` is what is searched on the page. */
export function Header({ query }: { query: string }) {
  return (
    <header class="header">
      <Link to="/" class="wordmark" aria-label={say("home")}>
        <span class="bulbs" aria-hidden="true" />
        Marquee
        <span class="bulbs" aria-hidden="true" />
      </Link>
      <SearchBox query={query} />
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
