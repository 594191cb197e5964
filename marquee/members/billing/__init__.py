"""Billing: plans are paid at a provider, and what it says of a customer is read again whenever it reports a change.

A report (webhook) only names the customer: its content is not used, so reports may come twice, late, in any order, or
not at all. `notices` queues the customers, `sync` reads and keeps their records, `reconciliation` finds what was lost.
"""
