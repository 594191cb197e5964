/** Plans, and the account's subscription to one. */

import { json, request } from "./client";
import { asMember } from "./member";
import type { PlanList, Subscription } from "./types";

export async function listPlans(): Promise<PlanList> {
  return (await (await request("/v1/plans")).json()) as PlanList;
}

export async function getSubscription(): Promise<Subscription> {
  return (await (await asMember("/v1/account/subscription")).json()) as Subscription;
}

export async function beginTrial(plan: string): Promise<Subscription> {
  return (await (await asMember("/v1/account/subscription/trial", json({ plan }))).json()) as Subscription;
}
