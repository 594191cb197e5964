/** What the profile has watched: read, corrected, cleared. */

import { useState } from "preact/hooks";

import { forgetHistory, listHistory } from "../api/profiles";
import type { Watched } from "../api/types";
import { Failure } from "../components/failure";
import { BinIcon } from "../components/icons";
import { Link } from "../components/link";
import { clock } from "../lib/format";
import { useDocumentTitle, useLoad } from "../lib/load";
import { asProfile } from "../lib/profiles";
import { titlePath } from "../lib/router";
import { pageLanguage, say, sayMoment } from "../lib/words";

export function HistoryPage() {
  useDocumentTitle(say("history"));
  const [changes, setChanges] = useState(0);
  const [failed, setFailed] = useState(false);
  const load = useLoad(`history ${changes}`, () => asProfile(listHistory));
  const forget = async (titleId: string | null): Promise<void> => {
    setFailed(false);
    try {
      await asProfile((id) => forgetHistory(id, titleId));
      setChanges((n) => n + 1);
    } catch {
      setFailed(true);
    }
  };
  if (load.state === "failed") return <Failure error={load.error} retry={load.retry} />;
  const items = load.state === "ready" ? load.value.items : null;
  return (
    <section class="account" lang={pageLanguage()} aria-busy={!items}>
      <h1 class="display small">{say("history")}</h1>
      {failed && <p role="alert">{say("problem.unknown")}</p>}
      {items?.length === 0 && <p>{say("history.none")}</p>}
      <ul class="lines">
        {items?.map((watched) => (
          <Line key={watched.title_id} watched={watched} forget={() => void forget(watched.title_id)} />
        ))}
      </ul>
      {items && items.length > 0 && <Clear clear={() => void forget(null)} />}
    </section>
  );
}

function Line({ watched, forget }: { watched: Watched; forget: () => void }) {
  const far = watched.finished ? say("history.finished") : say("history.to", { place: clock(watched.position_ms) });
  return (
    <li>
      <span>
        <Link to={titlePath(watched.title_id)} class="inline-link">
          {watched.name}
        </Link>
        <small>
          {sayMoment(watched.watched_at)} · {far}
        </small>
      </span>
      <button type="button" class="button ghost small" onClick={forget}>
        <BinIcon />
        <span>
          {say("remove")}
          <span class="visually-hidden"> {watched.name}</span>
        </span>
      </button>
    </li>
  );
}

function Clear({ clear }: { clear: () => void }) {
  const [asking, setAsking] = useState(false);
  if (!asking)
    return (
      <button type="button" class="button ghost" onClick={() => setAsking(true)}>
        {say("history.clear")}
      </button>
    );
  return (
    <div class="who-ask" role="group" aria-label={say("history.clear")}>
      <p>{say("history.clear.ask")}</p>
      <button type="button" class="button ghost small" onClick={clear}>
        {say("history.clear")}
      </button>
      <button type="button" class="button ghost small" ref={(el) => el?.focus()} onClick={() => setAsking(false)}>
        {say("keep")}
      </button>
    </div>
  );
}
