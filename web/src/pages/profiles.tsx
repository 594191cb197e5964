/** Who is watching: chosen here, with a PIN where the profile has one. */

import { useEffect, useState } from "preact/hooks";

import type { ApiError } from "../api/client";
import type { Profile, ProfileList } from "../api/types";
import { Avatar } from "../components/avatar";
import { Failure } from "../components/failure";
import { AddIcon, EditIcon } from "../components/icons";
import { Link } from "../components/link";
import { asApiError, useDocumentTitle, useLoad } from "../lib/load";
import { profiles, watchAs } from "../lib/profiles";
import { navigate, NEW_PROFILE, profilePath, PROFILES, SIGN_IN } from "../lib/router";
import { pageLanguage, say, sayProblem } from "../lib/words";

export function ProfilesPage() {
  useDocumentTitle(say("profiles.who"));
  const load = useLoad("profiles", () => profiles());
  const signedOut = load.state === "failed" && load.error.status === 401;
  useEffect(() => {
    if (signedOut) navigate(SIGN_IN, { replace: true });
  }, [signedOut]);
  if (signedOut) return null;
  if (load.state === "failed") return <Failure error={load.error} retry={load.retry} />;
  return (
    <section class="who-page" lang={pageLanguage()} aria-busy={load.state === "loading"}>
      <h1 class="display small">{say("profiles.who")}</h1>
      <ul class="who-list">{load.state === "loading" ? <Skeletons /> : <Choices list={load.value} />}</ul>
    </section>
  );
}

function Choices({ list }: { list: ProfileList }) {
  return (
    <>
      {list.items.map((profile) => (
        <Choice
          key={profile.profile_id}
          profile={profile}
          chosen={profile.profile_id === list.current}
          manages={list.can_manage}
        />
      ))}
      {list.can_create && (
        <li>
          <Link to={NEW_PROFILE} class="who-choice">
            <span class="avatar large new">
              <AddIcon />
            </span>
            <span class="who-label">{say("profiles.new")}</span>
          </Link>
        </li>
      )}
    </>
  );
}

function Choice({ profile, chosen, manages }: { profile: Profile; chosen: boolean; manages: boolean }) {
  const [asking, setAsking] = useState(false);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const notes = [
    chosen && say("profiles.now"),
    profile.kids && say("profiles.kids"),
    !profile.kids && profile.age_limit !== null && say("profiles.to-age", { age: profile.age_limit }),
    profile.has_pin && say("pin"),
  ].filter(Boolean);
  const enter = async (pin: string | null): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setFailed(null);
    try {
      if (!chosen) await watchAs(profile, pin);
      if (location.pathname === PROFILES) navigate("/");
    } catch (error) {
      const problem = asApiError(error);
      if (problem.type === "pin-required") setAsking(true);
      else setFailed(problem);
      setBusy(false);
    }
  };
  return (
    <li>
      <button
        type="button"
        class="who-choice"
        aria-current={chosen ? "true" : undefined}
        aria-busy={busy}
        onClick={() => (profile.has_pin && !chosen ? setAsking(!asking) : void enter(null))}
      >
        <span class="avatar-frame">
          <Avatar {...profile} />
        </span>
        <span class="who-label">{profile.name}</span>
        {notes.length > 0 && <span class="who-notes">{notes.join(" · ")}</span>}
      </button>
      {asking && <Pin name={profile.name} enter={(pin) => void enter(pin)} />}
      {manages && !asking && (
        <Link to={profilePath(profile.profile_id)} class="who-edit">
          <EditIcon />
          <span>
            {say("profiles.edit")}
            <span class="visually-hidden"> {profile.name}</span>
          </span>
        </Link>
      )}
      {failed && (
        <p role="alert" class="who-notes">
          {sayProblem(failed.type)}
        </p>
      )}
    </li>
  );
}

/** Sends the PIN by Enter or by the button. */
function Pin({ name, enter }: { name: string; enter: (pin: string) => void }) {
  return (
    <form
      class="who-pin"
      onSubmit={(event) => {
        event.preventDefault();
        enter(String(new FormData(event.currentTarget).get("pin") ?? ""));
      }}
    >
      <input
        name="pin"
        type="password"
        inputMode="numeric"
        autocomplete="off"
        pattern="[0-9]{4,8}"
        maxLength={8}
        required
        aria-label={say("pin.of", { name })}
        placeholder={say("pin")}
        ref={(element) => element?.focus()}
      />
      <button type="submit" class="button ghost small">
        {say("continue")}
      </button>
    </form>
  );
}

function Skeletons() {
  return Array.from({ length: 3 }, (_, i) => (
    <li key={i} class="who-choice" aria-hidden="true">
      <span class="avatar large skeleton" />
      <span class="skeleton line short" />
    </li>
  ));
}
