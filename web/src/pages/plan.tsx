/** The plan of the account: how it stands, which can be had, what was paid. */

import { useEffect, useState } from "preact/hooks";

import { getSubscription, listPlans, refreshSubscription } from "../api/plans";
import type { Subscription } from "../api/types";
import { Failure } from "../components/failure";
import { Invoices } from "../components/invoices";
import { Link } from "../components/link";
import { PlanCard } from "../components/plan-card";
import { PlanActions, Standing } from "../components/standing";
import { useDocumentTitle, useLoad } from "../lib/load";
import { navigate, PLAN, SIGN_IN } from "../lib/router";
import { pageLanguage, say } from "../lib/words";

/** Back from the payment provider its report may still be on its way, so the API asks it. */
const current = (back: boolean): Promise<Subscription> => (back ? refreshSubscription() : getSubscription());

export function PlanPage() {
  useDocumentTitle(say("plan"));
  const [changes, setChanges] = useState(0);
  const [back] = useState(() => new URLSearchParams(location.search).has("paid"));
  const load = useLoad(`plan ${changes}`, () => Promise.all([current(back && changes === 0), listPlans()]));
  const signedOut = load.state === "failed" && load.error.status === 401;
  useEffect(() => {
    if (signedOut) navigate(SIGN_IN, { replace: true });
    else if (load.state === "ready" && location.search) navigate(PLAN, { replace: true });
  }, [signedOut, load.state]);
  if (signedOut) return null;
  if (load.state === "failed") return <Failure error={load.error} retry={load.retry} />;
  if (load.state === "loading") return <Waiting back={back && changes === 0} />;
  const [held, { items }] = load.value;
  const changed = (): void => setChanges((n) => n + 1);
  return (
    <section class="plans-page" lang={pageLanguage()}>
      <h1 class="display small">{say("plan")}</h1>
      <Standing held={held} />
      <div class="actions">
        {held.playable && (
          <Link to="/" class="button primary">
            {say("plan.watch")}
          </Link>
        )}
      </div>
      <PlanActions held={held} changed={changed} />
      <ul class="plans">
        {items.map((plan) => (
          <PlanCard key={plan.slug} plan={plan} held={held} changed={changed} />
        ))}
      </ul>
      <Invoices key={changes} />
    </section>
  );
}

function Waiting({ back }: { back: boolean }) {
  return (
    <div class="gate-wait" aria-busy="true" role="status" lang={pageLanguage()}>
      {back && <p>{say("plan.waiting")}</p>}
    </div>
  );
}
