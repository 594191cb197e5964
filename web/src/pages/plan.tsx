/** The plan of the account: how it stands, and which can be had. */

import { useEffect, useState } from "preact/hooks";

import { beginTrial, getSubscription, listPlans } from "../api/plans";
import type { Plan, Subscription } from "../api/types";
import { Failure } from "../components/failure";
import { Form } from "../components/form";
import { Link } from "../components/link";
import { useDocumentTitle, useLoad } from "../lib/load";
import { navigate, SIGN_IN } from "../lib/router";
import { pageLanguage, say, sayDay } from "../lib/words";

export function PlanPage() {
  useDocumentTitle(say("plan"));
  const [changes, setChanges] = useState(0);
  const load = useLoad(`plan ${changes}`, () => Promise.all([getSubscription(), listPlans()]));
  const signedOut = load.state === "failed" && load.error.status === 401;
  useEffect(() => {
    if (signedOut) navigate(SIGN_IN, { replace: true });
  }, [signedOut]);
  if (signedOut) return null;
  if (load.state === "failed") return <Failure error={load.error} retry={load.retry} />;
  if (load.state === "loading") return <div class="gate-wait" aria-busy="true" />;
  const [held, { items }] = load.value;
  return (
    <section class="plans-page" lang={pageLanguage()}>
      <h1 class="display small">{say("plan")}</h1>
      <Standing held={held} />
      <ul class="plans">
        {items.map((plan) => (
          <PlanCard key={plan.slug} plan={plan} held={held} begun={() => setChanges((n) => n + 1)} />
        ))}
      </ul>
      {held.playable && (
        <div class="actions">
          <Link to="/" class="button primary">
            {say("plan.watch")}
          </Link>
        </div>
      )}
    </section>
  );
}

/** How the subscription stands, in words. */
function Standing({ held }: { held: Subscription }) {
  if (!held.plan || !held.state) return <p>{say("plan.none")}</p>;
  const until = held.ends_at ? sayDay(held.ends_at) : "";
  const ended = held.state === "trialing" && !held.playable;
  return (
    <p class={held.playable ? "" : "panel-warning"} role="status">
      {say(ended ? "state.trial-ended" : `state.${held.state}`, { plan: held.plan.name, until })}
    </p>
  );
}

function PlanCard({ plan, held, begun }: { plan: Plan; held: Subscription; begun: () => void }) {
  const current = held.plan?.slug === plan.slug;
  const trial = !held.plan && Boolean(plan.trial_days);
  return (
    <li class="plan" aria-current={current ? "true" : undefined}>
      <h2>{plan.name}</h2>
      <ul class="plan-facts">
        <li>{say(plan.hdr ? "plan.picture.hdr" : "plan.picture", { height: plan.height })}</li>
        <li>{say(plan.streams === 1 ? "plan.stream" : "plan.streams", { count: plan.streams })}</li>
        <li>{say("plan.profiles", { count: plan.profiles })}</li>
      </ul>
      {current && <p class="panel-note">{say("plan.yours")}</p>}
      {trial && (
        <>
          <p class="panel-note">{say("plan.trial.why", { days: plan.trial_days ?? 0 })}</p>
          <Form
            button="plan.trial"
            send={async () => {
              await beginTrial(plan.slug);
              begun();
            }}
          />
        </>
      )}
    </li>
  );
}
