import type { ComponentChildren } from "preact";

import { sayFailure } from "../lib/failures";
import { useDocumentTitle, type Load } from "../lib/load";
import { say } from "../lib/words";
import { CardSkeletons } from "./card";
import { Failure } from "./failure";
import { Link } from "./link";

interface Props<T> {
  load: Load<T>;
  /** The document's title once it is there. */
  title: (value: T) => string;
  /** What waits instead of a list of titles. */
  skeleton?: ComponentChildren;
  children: (value: T) => ComponentChildren;
}

/** A page about one thing: what waits until it is there, what went wrong, and the thing. */
export function Loaded<T>({ load, title, skeleton, children }: Props<T>) {
  useDocumentTitle(load.state === "ready" ? title(load.value) : load.state === "failed" ? headingOf(load) : "");
  if (load.state === "ready") return <>{children(load.value)}</>;
  if (load.state === "loading") return <>{skeleton ?? <ListSkeleton />}</>;
  const gone = [403, 404].includes(load.error.status);
  return (
    <Failure error={load.error} {...(!gone && { retry: load.retry })}>
      <Link to="/" class="button ghost">
        {say("home.back")}
      </Link>
    </Failure>
  );
}

const headingOf = (load: Load<unknown>): string => (load.state === "failed" ? sayFailure(load.error).heading : "");

export function ListSkeleton() {
  return (
    <section class="results" aria-busy="true">
      <span class="visually-hidden" role="status">
        {say("titles.loading")}
      </span>
      <p class="eyebrow" aria-hidden="true">
        <span class="skeleton line heading" />
      </p>
      <ul class="grid">
        <CardSkeletons count={12} />
      </ul>
    </section>
  );
}
