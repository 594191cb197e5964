import { useEffect, useState } from "preact/hooks";

import { listTitles } from "../api/catalogue";
import { getRows } from "../api/profiles";
import type { HomeRows, TitlePage } from "../api/types";
import { Failure } from "../components/failure";
import { Grid } from "../components/grid";
import { Hero, HeroSkeleton } from "../components/hero";
import { Link } from "../components/link";
import { Row, RowSkeleton } from "../components/row";
import { Ways } from "../components/ways";
import { rowWords } from "../lib/format";
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
  const titles = useLoad("window", (signal) => listTitles({}, signal));
  if (titles.state === "failed") return <Failure error={titles.error} retry={titles.retry} />;
  if (titles.state === "loading") return <Skeleton />;
  const [newest] = titles.value.items;
  if (!newest) return <EmptyCatalogue />;
  return (
    <>
      <Hero title={newest} heading={say("titles.new")}>
        <Link to={REGISTER} class="button primary">
          {say("register")}
        </Link>
        <Link to={SIGN_IN} class="button ghost">
          {say("sign-in")}
        </Link>
      </Hero>
      <AllTitles first={titles.value} visit={null} />
    </>
  );
}

/** The rows as they stand when all that was watched so far has been told. */
async function loadRows(signal: AbortSignal): Promise<HomeRows> {
  await settled();
  return asProfile((id) => getRows(id, signal), signal);
}

function Browse() {
  useDocumentTitle("");
  const rows = useLoad("rows", loadRows);
  const titles = useLoad("home", (signal) => listTitles({}, signal));
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
  return (
    <>
      {lead && (
        <Hero
          title={lead.title}
          heading={lead.heading}
          {...(lead.row && { onFollow: () => visit?.selected(lead.title.title_id, { row: lead.row, position: 0 }) })}
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
      {visit && shelves.map((row, place) => <Row key={`${place} ${row.kind}`} row={row} place={place} visit={visit} />)}
      {first && <AllTitles first={first} visit={visit} />}
    </>
  );
}

/** The title that opens the page: the best for this viewer, else the newest. */
function leading(rows: HomeRows["rows"], first: TitlePage | null) {
  const row = rows.find(({ kind }) => kind === "for_you") ?? rows.find(({ kind }) => kind === "new");
  const [title] = row?.items ?? [];
  if (row && title) return { title, heading: rowWords(row).title, row: row.kind };
  const [newest] = first?.items ?? [];
  return newest ? { title: newest, heading: say("titles.new"), row: "" } : null;
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
