/** Plans, the account's subscription to one, and its invoices. */

import { json, request } from "./client";
import { asMember } from "./member";
import type { ChangeCost, InvoiceList, ProviderPage, PlanList, Subscription } from "./types";

const SUBSCRIPTION = "/v1/account/subscription";

export async function listPlans(): Promise<PlanList> {
  return (await (await request("/v1/plans")).json()) as PlanList;
}

async function subscription(path = "", init?: RequestInit): Promise<Subscription> {
  return (await (await asMember(`${SUBSCRIPTION}${path}`, init)).json()) as Subscription;
}

export const getSubscription = (): Promise<Subscription> => subscription();
export const beginTrial = (plan: string): Promise<Subscription> => subscription("/trial", json({ plan }));
export const changePlan = (plan: string): Promise<Subscription> => subscription("/change", json({ plan }));
export const cancelPlan = (): Promise<Subscription> => subscription("/cancellation", { method: "PUT" });
export const keepPlan = (): Promise<Subscription> => subscription("/cancellation", { method: "DELETE" });
/** Asks the payment provider, as after a payment. */
export const refreshSubscription = (): Promise<Subscription> => subscription("/refresh", { method: "POST" });

export async function changeCost(plan: string): Promise<ChangeCost> {
  const query = new URLSearchParams({ plan });
  return (await (await asMember(`${SUBSCRIPTION}/change?${query}`)).json()) as ChangeCost;
}

/** Goes to the payment provider's page where the plan is paid. */
export async function checkOut(plan: string): Promise<void> {
  leaveFor(await page("/checkout", json({ plan })));
}

/** Goes to the payment provider's page with the way of paying. */
export async function openPortal(): Promise<void> {
  leaveFor(await page("/portal", { method: "POST" }));
}

async function page(path: string, init: RequestInit): Promise<ProviderPage> {
  return (await (await asMember(`${SUBSCRIPTION}${path}`, init)).json()) as ProviderPage;
}

function leaveFor({ url }: ProviderPage): void {
  location.assign(url);
}

export async function listInvoices(before: string | null): Promise<InvoiceList> {
  const query = before ? `?${new URLSearchParams({ before })}` : "";
  return (await (await asMember(`/v1/account/invoices${query}`)).json()) as InvoiceList;
}
