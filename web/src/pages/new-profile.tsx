import { useState } from "preact/hooks";

import { createProfile, listTitles, type ApiError } from "../api/client";
import type { TitleCard } from "../api/types";
import { Artwork } from "../components/artwork";
import { CardSkeletons } from "../components/card";
import { TickIcon } from "../components/icons";
import { Link } from "../components/link";
import { language } from "../lib/format";
import { asApiError, useDocumentTitle, useLoad } from "../lib/load";
import { forgetProfiles, watchAs } from "../lib/profiles";
import { navigate, PROFILES } from "../lib/router";

const ENOUGH = 3; // picks from which recommendations can begin
const MOST = 20;
const LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "ja", "ko", "zh", "hi", "ar", "ru"];
const FOR_KIDS = new Set(["all", "6"]);

/** The browser's own languages first, for most viewers the right ones. */
function offered(): string[] {
  const own = navigator.languages.map((tag) => tag.split("-")[0] ?? tag);
  return [...new Set([...own, ...LANGUAGES])];
}

export function NewProfilePage() {
  useDocumentTitle("New profile");
  const [name, setName] = useState("");
  const [kids, setKids] = useState(false);
  const [tongues, setTongues] = useState(() => offered().slice(0, 1));
  const [picks, setPicks] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const titles = useLoad("picks", async (signal) => {
    const first = await listTitles({}, signal);
    const next = first.next_cursor ? await listTitles({ cursor: first.next_cursor }, signal) : null;
    return [...first.items, ...(next?.items ?? [])];
  });

  const create = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFailed(null);
    try {
      const profile = await createProfile({ name: name.trim(), languages: tongues, kids, picks });
      forgetProfiles();
      watchAs(profile);
      navigate("/", { replace: true });
    } catch (error) {
      setFailed(asApiError(error));
      setBusy(false);
    }
  };
  const shown = titles.state === "ready" ? titles.value.filter((t) => !kids || FOR_KIDS.has(t.maturity_rating)) : [];
  const missing = Math.max(0, Math.min(ENOUGH, shown.length) - picks.length);
  return (
    <form class="new-profile" onSubmit={(event) => void create(event)}>
      <h1 class="display small">New profile</h1>
      <label class="field">
        <span>Name</span>
        <input
          required
          maxLength={40}
          autocomplete="off"
          value={name}
          ref={(el) => {
            if (el && !name && document.activeElement === document.body) el.focus();
          }}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={kids}
          onChange={(event) => {
            setKids(event.currentTarget.checked);
            setPicks([]);
          }}
        />
        <span>For kids: only what is rated for all or from 6</span>
      </label>
      <Languages chosen={tongues} change={setTongues} />
      <fieldset class="picks">
        <legend>What do you like?</legend>
        <p class="row-reason" role="status">
          {missing > 0 ? `Pick ${missing} more, and the first rows are yours.` : `${picks.length} picked`}
        </p>
        {titles.state === "loading" && (
          <ul class="grid">
            <CardSkeletons count={12} />
          </ul>
        )}
        {titles.state === "failed" && <p role="alert">The titles did not load. You can pick later.</p>}
        <ul class="grid">
          {shown.map((title) => (
            <Pick key={title.title_id} title={title} picks={picks} change={setPicks} />
          ))}
        </ul>
      </fieldset>
      {failed && (
        <p role="alert" class="form-failure">
          {failed.message || "That did not work."} {failed.traceId && <code>{failed.traceId}</code>}
        </p>
      )}
      <div class="actions form-actions">
        <button type="submit" class="button primary" aria-busy={busy} disabled={!name.trim()}>
          {busy ? "Making…" : missing > 0 ? "Start without picks" : "Start watching"}
        </button>
        <Link to={PROFILES} class="button ghost">
          Cancel
        </Link>
      </div>
    </form>
  );
}

function Languages({ chosen, change }: { chosen: string[]; change: (languages: string[]) => void }) {
  return (
    <fieldset class="languages">
      <legend>Languages you watch in</legend>
      <div class="chips">
        {offered().map((tag) => (
          <label key={tag} class="chip">
            <input
              type="checkbox"
              checked={chosen.includes(tag)}
              onChange={(event) =>
                change(event.currentTarget.checked ? [...chosen, tag].slice(0, 10) : chosen.filter((t) => t !== tag))
              }
            />
            <span>{language(tag)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Pick({
  title,
  picks,
  change,
}: {
  title: TitleCard;
  picks: string[];
  change: (update: (before: string[]) => string[]) => void;
}) {
  const picked = picks.includes(title.title_id);
  return (
    <li>
      <label class="card pick">
        <input
          type="checkbox"
          class="visually-hidden"
          checked={picked}
          disabled={!picked && picks.length >= MOST}
          onChange={() =>
            change((before) =>
              picked ? before.filter((id) => id !== title.title_id) : [...before, title.title_id].slice(0, MOST),
            )
          }
        />
        <span class="card-picture">
          <Artwork seed={title.title_id} name={title.name} url={title.poster_url} shape="poster" />
          {picked && (
            <span class="pick-tick">
              <TickIcon />
            </span>
          )}
        </span>
        <span class="card-name">{title.name}</span>
      </label>
    </li>
  );
}
