import { useState } from "preact/hooks";

import { deleteProfile, type ApiError } from "../api/client";
import type { Profile } from "../api/types";
import { Avatar } from "../components/avatar";
import { Failure } from "../components/failure";
import { AddIcon, BinIcon } from "../components/icons";
import { Link } from "../components/link";
import { asApiError, useDocumentTitle, useLoad } from "../lib/load";
import { choose, forgetProfiles, profiles, watchAs } from "../lib/profiles";
import { navigate, NEW_PROFILE } from "../lib/router";
import { currentProfile } from "../player/preferences";

const KINDS = { demo: "Anonymous", account: "", simulated: "Simulated", imported: "Imported" } as const;

export function ProfilesPage() {
  useDocumentTitle("Who is watching?");
  const [changes, setChanges] = useState(0);
  const load = useLoad(`profiles ${changes}`, () => profiles());
  if (load.state === "failed") return <Failure error={load.error} retry={load.retry} />;
  const list = load.state === "ready" ? load.value : null;
  const chosen = list && choose(list, currentProfile());
  return (
    <section class="who-page" aria-busy={!list}>
      <h1 class="display small">Who is watching?</h1>
      <ul class="who-list">
        {!list && <Skeletons />}
        {list?.items.map((profile) => (
          <Choice
            key={profile.profile_id}
            profile={profile}
            chosen={profile === chosen}
            deleted={() => {
              forgetProfiles();
              setChanges((n) => n + 1);
            }}
          />
        ))}
        {list?.can_create && (
          <li>
            <Link to={NEW_PROFILE} class="who-choice">
              <span class="avatar large new">
                <AddIcon />
              </span>
              <span class="who-label">New profile</span>
            </Link>
          </li>
        )}
      </ul>
    </section>
  );
}

function Choice({ profile, chosen, deleted }: { profile: Profile; chosen: boolean; deleted: () => void }) {
  const [asking, setAsking] = useState(false);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const notes = [chosen && "Watching now", profile.kids && "Kids", KINDS[profile.origin]].filter(Boolean);
  const enter = (): void => {
    watchAs(profile);
    navigate("/");
  };
  const forget = async (): Promise<void> => {
    try {
      await deleteProfile(profile.profile_id);
      deleted();
    } catch (error) {
      setFailed(asApiError(error));
      setAsking(false);
    }
  };
  return (
    <li>
      <button type="button" class="who-choice" aria-current={chosen ? "true" : undefined} onClick={enter}>
        <span class="avatar-frame">
          <Avatar id={profile.profile_id} name={profile.name} />
        </span>
        <span class="who-label">{profile.name}</span>
        {notes.length > 0 && <span class="who-notes">{notes.join(" · ")}</span>}
      </button>
      {profile.origin === "account" && !asking && (
        <button type="button" class="who-forget" onClick={() => setAsking(true)}>
          <BinIcon />
          <span>
            Delete<span class="visually-hidden"> {profile.name}</span>
          </span>
        </button>
      )}
      {asking && (
        <div class="who-ask" role="group" aria-label={`Delete ${profile.name}?`}>
          <p>Delete it and all it watched?</p>
          <button type="button" class="button ghost small" onClick={() => void forget()}>
            Delete
          </button>
          <button type="button" class="button ghost small" ref={(el) => el?.focus()} onClick={() => setAsking(false)}>
            Keep
          </button>
        </div>
      )}
      {failed && (
        <p role="alert" class="who-notes">
          That did not work: {failed.message}
        </p>
      )}
    </li>
  );
}

function Skeletons() {
  return Array.from({ length: 4 }, (_, i) => (
    <li key={i} class="who-choice" aria-hidden="true">
      <span class="avatar large skeleton" />
      <span class="skeleton line short" />
    </li>
  ));
}
