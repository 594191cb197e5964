/** A profile, made or changed. */

import { useRef, useState } from "preact/hooks";

import { listTitles } from "../api/catalogue";
import type { ApiError } from "../api/client";
import { changeProfile, createProfile, deleteProfile, putPreferences } from "../api/profiles";
import type { Profile, TitleCard } from "../api/types";
import { Artwork } from "../components/artwork";
import { Avatar, COLOURS } from "../components/avatar";
import { CardSkeletons } from "../components/card";
import { Failure } from "../components/failure";
import { BinIcon, TickIcon } from "../components/icons";
import { Link } from "../components/link";
import { PlayingFields } from "../components/playing-fields";
import { language } from "../lib/format";
import { asApiError, useDocumentTitle, useLoad } from "../lib/load";
import { forgetProfiles, profiles, watchAs } from "../lib/profiles";
import { navigate, PROFILES } from "../lib/router";
import { pageLanguage, say, sayProblem } from "../lib/words";

const ENOUGH = 3; // picks from which recommendations can begin
const MOST = 20;
const LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "ja", "ko", "zh", "hi", "ar", "ru"];
const LIMITS = [0, 6, 12, 16] as const;
const KIDS_AGE = 6;
const PIN = "[0-9]{4,8}";

type Fields = Pick<Profile, "name" | "avatar" | "languages" | "kids" | "age_limit">;

/** The browser's own languages first, for most viewers the right ones. */
function offered(): string[] {
  const own = navigator.languages.map((tag) => tag.split("-")[0] ?? tag);
  return [...new Set([...own, ...LANGUAGES])];
}

/** What is sent, what went wrong, and whether it is under way. */
function useSending(send: () => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const submit = async (event?: Event): Promise<void> => {
    event?.preventDefault();
    if (busy) return;
    setBusy(true);
    setFailed(null);
    try {
      await send();
    } catch (error) {
      setFailed(asApiError(error));
      setBusy(false);
    }
  };
  return { busy, failed, submit };
}

export function NewProfilePage() {
  useDocumentTitle(say("profiles.new"));
  const [fields, setFields] = useState<Fields>(() => ({
    name: "",
    avatar: "violet",
    languages: offered().slice(0, 1),
    kids: false,
    age_limit: null,
  }));
  const [picks, setPicks] = useState<string[]>([]);
  const titles = useLoad("picks", async (signal) => {
    const first = await listTitles({}, signal);
    const next = first.next_cursor ? await listTitles({ cursor: first.next_cursor }, signal) : null;
    return [...first.items, ...(next?.items ?? [])];
  });
  const { busy, failed, submit } = useSending(async () => {
    const profile = await createProfile({ ...fields, name: fields.name.trim(), picks });
    await watchAs(profile);
    navigate("/", { replace: true });
  });
  const limit = fields.kids ? KIDS_AGE : (fields.age_limit ?? 18);
  const shown = titles.state === "ready" ? titles.value.filter((title) => age(title) <= limit) : [];
  const missing = Math.max(0, Math.min(ENOUGH, shown.length) - picks.length);
  return (
    <form class="new-profile" lang={pageLanguage()} onSubmit={(event) => void submit(event)}>
      <h1 class="display small">{say("profiles.new")}</h1>
      <ProfileFields
        fields={fields}
        change={(changed) => {
          setFields((before) => ({ ...before, ...changed }));
          if ("kids" in changed || "age_limit" in changed) setPicks([]);
        }}
      />
      <fieldset class="picks">
        <legend>{say("picks")}</legend>
        <p class="row-reason" role="status">
          {missing > 0 ? say("picks.missing", { count: missing }) : say("picks.count", { count: picks.length })}
        </p>
        {titles.state === "loading" && (
          <ul class="grid">
            <CardSkeletons count={12} />
          </ul>
        )}
        {titles.state === "failed" && <p role="alert">{say("picks.failed")}</p>}
        <ul class="grid">
          {shown.map((title) => (
            <Pick key={title.title_id} title={title} picks={picks} change={setPicks} />
          ))}
        </ul>
      </fieldset>
      <Problem failed={failed} />
      <div class="actions form-actions">
        <button type="submit" class="button primary" aria-busy={busy} disabled={!fields.name.trim()}>
          {say(busy ? "working" : missing > 0 ? "picks.none" : "profiles.start")}
        </button>
        <Link to={PROFILES} class="button ghost">
          {say("cancel")}
        </Link>
      </div>
    </form>
  );
}

const age = (title: TitleCard): number => (title.maturity_rating === "all" ? 0 : Number(title.maturity_rating));

export function ProfilePage({ profileId }: { profileId: string }) {
  useDocumentTitle(say("profiles.edit"));
  const load = useLoad(profileId, async () => {
    const list = await profiles();
    return { list, profile: list.items.find((each) => each.profile_id === profileId) ?? null };
  });
  if (load.state === "failed") return <Failure error={load.error} retry={load.retry} />;
  if (load.state === "loading") return <div class="gate-wait" aria-busy="true" />;
  const { list, profile } = load.value;
  if (!profile || !list.can_manage) return <NotHere />;
  return <EditProfile profile={profile} watching={list.current === profileId} />;
}

function NotHere() {
  return (
    <div class="notice" lang={pageLanguage()}>
      <p>{say("profiles.closed")}</p>
      <Link to={PROFILES} class="button ghost">
        {say("profiles.who")}
      </Link>
    </div>
  );
}

function EditProfile({ profile, watching }: { profile: Profile; watching: boolean }) {
  const [fields, setFields] = useState<Fields>(profile);
  const [preferences, setPreferences] = useState(profile.preferences);
  const form = useRef<HTMLFormElement>(null);
  const { busy, failed, submit } = useSending(async () => {
    const typed = Object.fromEntries(new FormData(form.current ?? undefined)) as Record<string, string>;
    const { name, avatar, languages, kids, age_limit } = fields;
    const limits = kids !== profile.kids || age_limit !== profile.age_limit ? { kids, age_limit } : {};
    const pin = typed.pin ? { pin: typed.pin } : {};
    const newPin = typed.remove ? { new_pin: null } : typed.new_pin ? { new_pin: typed.new_pin } : {};
    await changeProfile(profile.profile_id, { name: name.trim(), avatar, languages, ...limits, ...newPin, ...pin });
    if (watching) await putPreferences(profile.profile_id, preferences);
    forgetProfiles();
    navigate(PROFILES);
  });
  const asksPin = profile.has_pin || failed?.type === "pin-required" || failed?.type === "wrong-pin";
  return (
    <form class="new-profile" ref={form} lang={pageLanguage()} onSubmit={(event) => void submit(event)}>
      <h1 class="display small">{profile.name}</h1>
      <ProfileFields fields={fields} change={(changed) => setFields((before) => ({ ...before, ...changed }))} />
      {watching && (
        <PlayingFields
          preferences={preferences}
          change={(changed) => setPreferences((before) => ({ ...before, ...changed }))}
        />
      )}
      <fieldset>
        <legend>{say("pin")}</legend>
        <p class="row-reason">{say("pin.why")}</p>
        <label class="field">
          <span>{say(profile.has_pin ? "pin.new" : "pin.set")}</span>
          <input name="new_pin" inputMode="numeric" pattern={PIN} maxLength={8} autocomplete="off" />
        </label>
        {profile.has_pin && (
          <label class="check">
            <input type="checkbox" name="remove" value="yes" />
            <span>{say("pin.remove")}</span>
          </label>
        )}
        {asksPin && (
          <label class="field">
            <span>{say("pin.asked")}</span>
            <input name="pin" type="password" inputMode="numeric" pattern={PIN} maxLength={8} autocomplete="off" />
          </label>
        )}
      </fieldset>
      <Problem failed={failed} />
      <div class="actions form-actions">
        <button type="submit" class="button primary" aria-busy={busy} disabled={!fields.name.trim()}>
          {say(busy ? "working" : "save")}
        </button>
        <Link to={PROFILES} class="button ghost">
          {say("cancel")}
        </Link>
        <Delete profile={profile} />
      </div>
    </form>
  );
}

function Delete({ profile }: { profile: Profile }) {
  const [asking, setAsking] = useState(false);
  const { busy, failed, submit } = useSending(async () => {
    await deleteProfile(profile.profile_id);
    forgetProfiles();
    navigate(PROFILES);
  });
  if (!asking)
    return (
      <button type="button" class="button ghost" onClick={() => setAsking(true)}>
        <BinIcon />
        {say("delete")}
      </button>
    );
  return (
    <div class="who-ask" role="group" aria-label={say("profiles.delete.ask", { name: profile.name })}>
      <p>{say("profiles.delete.ask", { name: profile.name })}</p>
      <button type="button" class="button ghost small" aria-busy={busy} onClick={() => void submit()}>
        {say("delete")}
      </button>
      <button type="button" class="button ghost small" ref={(el) => el?.focus()} onClick={() => setAsking(false)}>
        {say("keep")}
      </button>
      <Problem failed={failed} />
    </div>
  );
}

const Problem = ({ failed }: { failed: ApiError | null }) =>
  failed && (
    <p role="alert" class="form-failure">
      {sayProblem(failed.type)} {failed.status >= 500 && failed.traceId && <code>{failed.traceId}</code>}
    </p>
  );

function ProfileFields({ fields, change }: { fields: Fields; change: (changed: Partial<Fields>) => void }) {
  return (
    <>
      <label class="field">
        <span>{say("profiles.name")}</span>
        <input
          required
          maxLength={40}
          autocomplete="off"
          value={fields.name}
          ref={(el) => {
            if (el && !fields.name && document.activeElement === document.body) el.focus();
          }}
          onInput={(event) => change({ name: event.currentTarget.value })}
        />
      </label>
      <fieldset>
        <legend>{say("profiles.avatar")}</legend>
        <div class="avatars">
          {COLOURS.map((colour) => (
            <label key={colour} class="avatar-choice">
              <input
                type="radio"
                name="avatar"
                class="visually-hidden"
                aria-label={say(`avatar.${colour}`)}
                checked={fields.avatar === colour}
                onChange={() => change({ avatar: colour })}
              />
              <Avatar avatar={colour} name={fields.name || "?"} />
            </label>
          ))}
        </div>
      </fieldset>
      <label class="check">
        <input
          type="checkbox"
          checked={fields.kids}
          onChange={(event) => change({ kids: event.currentTarget.checked })}
        />
        <span>{say("profiles.kids.why")}</span>
      </label>
      {!fields.kids && (
        <label class="field">
          <span>{say("profiles.limit")}</span>
          <select
            value={fields.age_limit === null ? "" : String(fields.age_limit)}
            onChange={(event) => {
              const { value } = event.currentTarget;
              change({ age_limit: value === "" ? null : (Number(value) as (typeof LIMITS)[number]) });
            }}
          >
            <option value="">{say("profiles.limit.none")}</option>
            {LIMITS.map((limit) => (
              <option key={limit} value={limit}>
                {limit === 0 ? say("profiles.limit.all") : say("profiles.to-age", { age: limit })}
              </option>
            ))}
          </select>
        </label>
      )}
      <Languages chosen={fields.languages} change={(languages) => change({ languages })} />
    </>
  );
}

function Languages({ chosen, change }: { chosen: string[]; change: (languages: string[]) => void }) {
  return (
    <fieldset class="languages">
      <legend>{say("profiles.languages")}</legend>
      <p class="row-reason">{say("profiles.languages.why")}</p>
      <div class="chips">
        {[...new Set([...chosen, ...offered()])].map((tag) => (
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
          <Artwork
            seed={title.title_id}
            name={title.name}
            url={title.poster_url}
            widths={title.poster_widths}
            shape="poster"
          />
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
