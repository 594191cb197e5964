/** A plan that can be had, with what it gives and costs, and the way to it. */

import { useState } from "preact/hooks";

import { beginTrial, changeCost, changePlan, checkOut } from "../api/plans";
import type { ChangeCost, Plan, Subscription } from "../api/types";
import { money } from "../lib/format";
import { say } from "../lib/words";
import { Form } from "./form";

interface PlanProps {
  plan: Plan;
  held: Subscription;
  changed: () => void;
}

export function PlanCard({ plan, held, changed }: PlanProps) {
  const current = held.plan?.slug === plan.slug && held.state !== "canceled";
  const paying = held.paid && held.state !== "canceled";
  return (
    <li class="plan" aria-current={current ? "true" : undefined}>
      <h2>{plan.name}</h2>
      {plan.price && (
        <p class="plan-price">{say("plan.price", { price: money(plan.price.amount, plan.price.currency) })}</p>
      )}
      <ul class="plan-facts">
        <li>{say(plan.hdr ? "plan.picture.hdr" : "plan.picture", { height: plan.height })}</li>
        <li>{say("plan.streams", { count: plan.streams })}</li>
        <li>{say("plan.profiles", { count: plan.profiles })}</li>
      </ul>
      {current && <p class="panel-note">{say("plan.yours")}</p>}
      {!held.plan && Boolean(plan.trial_days) && <Trial plan={plan} changed={changed} />}
      {!paying && plan.price && <Form button="plan.subscribe" quiet={!held.plan} send={() => checkOut(plan.slug)} />}
      {paying && !current && plan.price && <Change plan={plan} changed={changed} />}
    </li>
  );
}

function Trial({ plan, changed }: { plan: Plan; changed: () => void }) {
  return (
    <>
      <p class="panel-note">{say("plan.trial.why", { days: plan.trial_days })}</p>
      <Form
        button="plan.trial"
        send={async () => {
          await beginTrial(plan.slug);
          changed();
        }}
      />
    </>
  );
}

/** What the change costs is told before it is made. */
function Change({ plan, changed }: { plan: Plan; changed: () => void }) {
  const [cost, setCost] = useState<ChangeCost | null>(null);
  if (!cost)
    return (
      <Form
        button="plan.change"
        values={{ plan: plan.name }}
        quiet
        send={async () => setCost(await changeCost(plan.slug))}
      />
    );
  const price = money(Math.abs(cost.amount), cost.currency);
  return (
    <div role="group" aria-label={say("plan.change", { plan: plan.name })}>
      <p class="panel-note">{say(cost.amount < 0 ? "plan.change.credit" : "plan.change.now", { price })}</p>
      <Form
        button="plan.change.confirm"
        send={async () => {
          await changePlan(plan.slug);
          changed();
        }}
        footer={
          <button type="button" class="button ghost" onClick={() => setCost(null)}>
            {say("keep")}
          </button>
        }
      />
    </div>
  );
}
