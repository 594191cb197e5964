"""Billing: invoices, payments, changes of subscriptions, customers to be read again.

Revision ID: 0009
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SHARDS = 8
TABLES = {
    "invoices": (
        "account_id, invoice_id",
        """account_id bigint not null, invoice_id varchar not null, number varchar not null, state varchar not null,
        plan varchar not null, currency varchar not null, subtotal bigint not null, discount bigint not null,
        total bigint not null, taxes jsonb not null, period_start timestamptz not null,
        period_end timestamptz not null, created_at timestamptz not null""",
    ),
    "payments": (
        "account_id, payment_id",
        """account_id bigint not null, payment_id varchar not null, invoice_id varchar not null,
        origin varchar not null, plan varchar not null, currency varchar not null, amount bigint not null,
        status varchar not null, period_start timestamptz not null, period_end timestamptz not null,
        at timestamptz not null""",
    ),
    "subscription_changes": (
        "account_id, id",
        """account_id bigint not null, id bigint not null, origin varchar not null, provider varchar not null,
        from_plan varchar, from_state varchar, plan varchar not null, state varchar not null,
        at timestamptz not null""",
    ),
}
TERMS = """add provider_id varchar, add currency varchar, add amount bigint, add renews_at timestamptz,
    add cancels_at timestamptz, add retry_at timestamptz"""


def upgrade() -> None:
    for table, (primary, columns) in TABLES.items():
        constraint = f"constraint pk_{table} primary key ({primary})"
        op.execute(f"create table {table} ({columns}, {constraint}) partition by hash (account_id)")
        for n in range(SHARDS):
            op.execute(
                f"create table {table}_p{n} partition of {table} for values with (modulus {SHARDS}, remainder {n})"
            )
    op.execute(
        """create table billing_notices (customer_id varchar constraint pk_billing_notices primary key,
        noted bigint not null, due_at timestamptz not null, leased_until timestamptz,
        tries bigint not null)"""
    )
    op.create_index("ix_billing_notices_due_at", "billing_notices", ["due_at"])
    op.execute("alter table accounts add billing_customer varchar")
    op.execute(f"alter table subscriptions {TERMS}")


def downgrade() -> None:
    for column in ("provider_id", "currency", "amount", "renews_at", "cancels_at", "retry_at"):
        op.drop_column("subscriptions", column)
    op.drop_column("accounts", "billing_customer")
    for table in (*TABLES, "billing_notices"):
        op.drop_table(table)
