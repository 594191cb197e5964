/** How a subscription stands in words, and what can be done with it. */

import { useState } from "preact/hooks";

import { cancelPlan, keepPlan, openPortal } from "../api/plans";
import type { Subscription } from "../api/types";
import { money } from "../lib/format";
import { say, sayDay, type Word } from "../lib/words";
import { Form } from "./form";

const DUE = new Set(["past_due", "unpaid", "incomplete", "paused"]);

export function Standing({ held }: { held: Subscription }) {
  if (!held.plan || !held.state) return <p>{say("plan.none")}</p>;
  const until = held.ends_at ? sayDay(held.ends_at) : "";
  const ended = held.state === "trialing" && !held.playable;
  const word = ended ? "state.trial-ended" : (`state.${held.state}` as const);
  return (
    <div class={held.playable && held.state !== "past_due" ? "standing" : "standing panel-warning"} role="status">
      <p>{say(word, { plan: held.plan.name, until })}</p>
      <Next held={held} />
    </div>
  );
}

/** What comes next: the end, another try, the next payment. */
function Next({ held }: { held: Subscription }) {
  const price = held.price ? money(held.price.amount, held.price.currency) : "";
  const next = ((): [Word, string] | null => {
    if (!held.paid || held.state === "canceled") return null;
    if (held.cancels_at) return ["plan.cancels", held.cancels_at];
    if (held.state === "past_due") return held.retry_at ? ["plan.retry", held.retry_at] : null;
    if (held.state === "trialing" && held.ends_at) return ["plan.first", held.ends_at];
    return held.state === "active" && held.renews_at ? ["plan.renews", held.renews_at] : null;
  })();
  return next && <p class="panel-note">{say(next[0], { until: sayDay(next[1]), price })}</p>;
}

export function PlanActions({ held, changed }: { held: Subscription; changed: () => void }) {
  if (!held.paid) return null;
  const over = held.state === "canceled";
  const due = held.state !== null && DUE.has(held.state);
  return (
    <div class="plan-actions">
      <Form button={due ? "plan.pay" : "plan.manage"} quiet={!due} send={openPortal} />
      {!over && held.cancels_at && <Keep changed={changed} />}
      {!over && !held.cancels_at && <End until={held.renews_at} changed={changed} />}
    </div>
  );
}

function Keep({ changed }: { changed: () => void }) {
  return (
    <Form
      button="plan.keep"
      quiet
      send={async () => {
        await keepPlan();
        changed();
      }}
    />
  );
}

function End({ until, changed }: { until: string | null; changed: () => void }) {
  const [asking, setAsking] = useState(false);
  if (!asking)
    return (
      <div class="form-actions">
        <button type="button" class="button ghost" onClick={() => setAsking(true)}>
          {say("plan.end")}
        </button>
      </div>
    );
  const day = until ? sayDay(until) : "";
  return (
    <div class="who-ask" role="group" aria-label={say("plan.end")}>
      <p>{say("plan.end.ask", { until: day })}</p>
      <Form
        button="plan.end.confirm"
        values={{ until: day }}
        quiet
        send={async () => {
          await cancelPlan();
          changed();
        }}
        footer={
          <button type="button" class="button ghost" ref={(el) => el?.focus()} onClick={() => setAsking(false)}>
            {say("keep")}
          </button>
        }
      />
    </div>
  );
}
