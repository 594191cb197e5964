import { useCallback, useEffect, useState } from "preact/hooks";

import { listTitles } from "../api/catalogue";
import { getRows } from "../api/profiles";
import type { HomeRows, TitlePage } from "../api/types";
import { Failure } from "../components/failure";
import { Grid } from "../components/grid";
import { Hero, HeroSkeleton } from "../components/hero";
import { Link } from "../components/link";
import { Row, RowSkeleton } from "../components/row";
import { Ways } from "../components/ways";
import { rowsAhead, titlesAhead } from "../lib/ahead";
import { rowWords } from "../lib/format";
import { leading } from "../lib/leading";
import { useDocumentTitle, useLoad, type Load } from "../lib/load";
import { useMember } from "../lib/member";
import { asProfile } from "../lib/profiles";
import { REGISTER, SIGN_IN } from "../lib/router";
import { settled } from "../lib/settling";
import { beginVisit, type Visit } from "../lib/visit";
import { say } from "../lib/words";

export function HomePage() {
  const member = useMember();
  if (member === undefined) return <Skeleton />;
  return member ? <Browse /> : <ShopWindow />;
}

/** What is offered, for who is not signed in. */
function ShopWindow() {
  useDocumentTitle("");
  const titles = useLoad("window", loadTitles);
  const [open, opened] = useOpening(titles.state !== "ready" || !titles.value.items[0]?.backdrop_url);
  if (titles.state === "failed") return <Failure error={titles.error} retry={titles.retry} />;
  if (titles.state === "loading") return <Skeleton />;
  const [newest] = titles.value.items;
  if (!newest) return <EmptyCatalogue />;
  return (
    <>
      <Hero title={newest} heading={say("titles.new")} onPicture={opened}>
        <Link to={REGISTER} class="button primary">
          {say("register")}
        </Link>
        <Link to={SIGN_IN} class="button ghost">
          {say("sign-in")}
        </Link>
      </Hero>
      {open ? <AllTitles first={titles.value} visit={null} /> : <RowSkeleton />}
    </>
  );
}

const LONGEST_OPENING_MS = 1_500;

/**
 * The picture that opens the page comes first: what stands below it waits until it is there, for a moment at most. It does
 * not wait where there is none.
 */
function useOpening(none: boolean): [boolean, () => void] {
  const [open, setOpen] = useState(false);
  const opened = useCallback(() => setOpen(true), []);
  useEffect(() => {
    if (none || open) return;
    const timer = setTimeout(opened, LONGEST_OPENING_MS);
    return () => clearTimeout(timer);
  }, [none, open]);
  return [none || open, opened];
}

const loadTitles = async (signal: AbortSignal): Promise<TitlePage> => (await titlesAhead()) ?? listTitles({}, signal);

/** The rows as they stand when all that was watched so far has been told. */
async function loadRows(signal: AbortSignal): Promise<HomeRows> {
  await settled();
  return (await rowsAhead()) ?? asProfile((id) => getRows(id, signal), signal);
}

function Browse() {
  useDocumentTitle("");
  const rows = useLoad("rows", loadRows);
  const titles = useLoad("home", loadTitles);
  const [visit, setVisit] = useState<Visit | null>(null);
  useEffect(() => {
    if (rows.state !== "ready") return;
    const begun = beginVisit();
    begun.from(rows.value);
    setVisit(begun);
  }, [rows.state]);
  if (rows.state === "failed" && titles.state === "failed") {
    return <Failure error={rows.error} retry={() => (rows.retry(), titles.retry())} />;
  }
  const lead = rows.state === "ready" && visit ? leading(rows.value.rows, null) : null; // shown without the list
  if (rows.state === "loading" || (titles.state === "loading" && !lead)) return <Skeleton />;
  if (rows.state === "ready" && !visit) return <Skeleton />;
  if (titles.state === "ready" && !titles.value.items.length) return <EmptyCatalogue />;
  return <Shelves rows={rows} titles={titles} visit={visit} />;
}

function Skeleton() {
  return (
    <div aria-busy="true">
      <span class="visually-hidden" role="status">
        {say("titles.loading")}
      </span>
      <HeroSkeleton />
      <RowSkeleton />
      <RowSkeleton />
    </div>
  );
}

interface ShelvesProps {
  rows: Load<HomeRows>;
  titles: Load<TitlePage>;
  visit: Visit | null;
}

function Shelves({ rows, titles, visit }: ShelvesProps) {
  const shelves = rows.state === "ready" ? rows.value.rows : [];
  const first = titles.state === "ready" ? titles.value : null;
  const lead = leading(shelves, first);
  const led = lead?.row?.kind ?? "";
  const [open, opened] = useOpening(!lead?.title.backdrop_url);
  return (
    <>
      {lead && (
        <Hero
          title={lead.title}
          heading={lead.row ? rowWords(lead.row).title : say("titles.new")}
          {...(lead.row && { onFollow: () => visit?.selected(lead.title.title_id, { row: led, position: 0 }) })}
          onPicture={opened}
        />
      )}
      {rows.state === "failed" && (
        <div class="row-failure" role="alert">
          <p>
            {say("rows.failed")} {rows.error.traceId && <code>{rows.error.traceId}</code>}
          </p>
          <button type="button" class="button ghost" onClick={rows.retry}>
            {say("try-again")}
          </button>
        </div>
      )}
      {!open && <RowSkeleton />}
      {open &&
        visit &&
        shelves.map((row, place) => <Row key={`${place} ${row.kind}`} row={row} place={place} visit={visit} />)}
      {open && first && <AllTitles first={first} visit={visit} />}
    </>
  );
}

function AllTitles({ first, visit }: { first: TitlePage; visit: Visit | null }) {
  return (
    <section class="row" aria-labelledby="all-titles">
      <div class="row-head">
        <h2 id="all-titles">{say("titles.all")}</h2>
      </div>
      <Grid
        first={first}
        more={(cursor, signal) => listTitles({ cursor }, signal)}
        onFollow={(titleId, position) => visit?.selected(titleId, { row: "all", position })}
      />
      <Ways />
    </section>
  );
}

function EmptyCatalogue() {
  return (
    <div class="notice">
      <span class="bulbs" aria-hidden="true" />
      <h1>{say("empty.title")}</h1>
      <p>{say("empty.text")}</p>
      <span class="bulbs" aria-hidden="true" />
    </div>
  );
}
