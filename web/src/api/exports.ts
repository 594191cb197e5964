/** The member's own copy: asked for, and saved by the browser itself. */

import { json } from "./client";
import { asMember } from "./member";
import type { Export, ExportTicket, Proof } from "./types";

const EXPORT = "/v1/account/export";

export async function getExport(): Promise<Export> {
  return (await (await asMember(EXPORT)).json()) as Export;
}

export async function askExport(proof: Proof): Promise<void> {
  await asMember(EXPORT, json(proof));
}

export async function sendExportLink(): Promise<void> {
  await asMember(`${EXPORT}/message`, { method: "POST" });
}

/** Spends the link of the message. */
export async function openExport(token: string): Promise<ExportTicket> {
  return (await (await asMember(`${EXPORT}/ticket`, json({ token }))).json()) as ExportTicket;
}

/** Sends a form whose answer the browser saves: no script holds the archive, and the ticket stands in no address. */
export function saveArchive(ticket: string): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = `${EXPORT}/file`;
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "ticket";
  field.value = ticket;
  form.append(field);
  document.body.append(form);
  form.submit();
  form.remove();
}
