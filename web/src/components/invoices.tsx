/** The account's invoices, with their tax lines as the payment provider states them. */

import { useState } from "preact/hooks";

import { listInvoices } from "../api/plans";
import type { Invoice } from "../api/types";
import { money } from "../lib/format";
import { useLoad } from "../lib/load";
import { say, sayDay, sayKnown } from "../lib/words";

export function Invoices() {
  const [earlier, setEarlier] = useState<{ items: Invoice[]; next: string | null } | null>(null);
  const load = useLoad("invoices", () => listInvoices(null));
  if (load.state !== "ready" || load.value.items.length === 0) return null;
  const items = [...load.value.items, ...(earlier?.items ?? [])];
  const next = earlier ? earlier.next : load.value.next;
  const more = async (before: string): Promise<void> => {
    const page = await listInvoices(before);
    setEarlier({ items: [...(earlier?.items ?? []), ...page.items], next: page.next });
  };
  return (
    <section class="invoices" aria-labelledby="invoices">
      <h2 id="invoices">{say("invoices")}</h2>
      <ul class="lines">
        {items.map((invoice) => (
          <Line key={invoice.number} invoice={invoice} />
        ))}
      </ul>
      {next && (
        <button type="button" class="button ghost" onClick={() => void more(next)}>
          {say("invoices.more")}
        </button>
      )}
    </section>
  );
}

function Line({ invoice }: { invoice: Invoice }) {
  const amount = (value: number): string => money(value, invoice.currency);
  return (
    <li>
      <span>
        {sayDay(invoice.created_at)} · {sayKnown(`invoice.${invoice.state}`) ?? invoice.state}
        <small>
          {say("invoice.number")} {invoice.number}
        </small>
        {invoice.discount > 0 && <small>{say("invoice.discount", { amount: amount(invoice.discount) })}</small>}
        {invoice.taxes.map(({ name, percentage, amount: tax, inclusive }) => (
          <small key={name}>
            {say(inclusive ? "invoice.tax" : "invoice.tax.added", { name, percentage, amount: amount(tax) })}
          </small>
        ))}
      </span>
      <strong>{amount(invoice.total)}</strong>
    </li>
  );
}
