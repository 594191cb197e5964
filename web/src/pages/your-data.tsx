/** Where the link leads that a member gets once the copy of their data is ready. */

import { useState } from "preact/hooks";

import { ApiError } from "../api/client";
import { openExport, saveArchive, sendExportLink } from "../api/exports";
import { wasSignedIn } from "../api/member";
import { Form } from "../components/form";
import { Link } from "../components/link";
import { ACCOUNT } from "../lib/router";
import { say, type Word } from "../lib/words";
import { Done, linked, Sheet, ToSignIn } from "./sign-in";

/** What the page says instead of a form, by the type of the problem. */
const ENDS = ["link-spent", "export-expired", "export-under-way", "link-of-another"] as const;
type End = (typeof ENDS)[number] | "sign-in";

const SIGNED_OUT = new Set(["signed-out", "token-expired", "unauthorised"]);

function endOf(error: unknown): End {
  if (!(error instanceof ApiError)) throw error;
  if (SIGNED_OUT.has(error.type)) return "sign-in";
  const end = ENDS.find((type) => type === error.type);
  if (!end) throw error;
  return end;
}

const ToAccount = () => (
  <Link to={ACCOUNT} class="button ghost">
    {say("account")}
  </Link>
);

export const YourDataPage = linked(function YourData({ token }) {
  const [end, setEnd] = useState<End | null>(wasSignedIn() ? null : "sign-in");
  const [ticket, setTicket] = useState<string | null>(null);
  if (ticket) return <Begun ticket={ticket} />;
  if (end) return <Ended end={end} />;
  return (
    <Sheet title="data.title">
      <p>{say("data.title.text")}</p>
      <Form
        button="data.fetch"
        send={async () => {
          try {
            const opened = await openExport(token);
            saveArchive(opened.ticket);
            setTicket(opened.ticket);
          } catch (error) {
            setEnd(endOf(error));
          }
        }}
      />
    </Sheet>
  );
});

function Begun({ ticket }: { ticket: string }) {
  return (
    <Done title="data.begun" text={say("data.begun.text")}>
      <div class="actions">
        <button type="button" class="button primary" onClick={() => saveArchive(ticket)}>
          {say("data.begin")}
        </button>
        <ToAccount />
      </div>
    </Done>
  );
}

function Ended({ end }: { end: End }) {
  const [sent, setSent] = useState(false);
  if (sent) return <Done title="data" text={say("data.again.done")} />;
  const title: Word = `data.${end}`;
  return (
    <Done title={title} text={say(`data.${end}.text`)}>
      {end === "sign-in" && <ToSignIn />}
      {end === "link-spent" && (
        <Form
          button="data.again"
          send={async () => {
            await sendExportLink();
            setSent(true);
          }}
          footer={<ToAccount />}
        />
      )}
      {end !== "sign-in" && end !== "link-spent" && (
        <div class="actions">
          <ToAccount />
        </div>
      )}
    </Done>
  );
}
