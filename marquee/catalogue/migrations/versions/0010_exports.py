"""Copies of what is kept of a member.

Revision ID: 0010
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SHARDS = 8


def upgrade() -> None:
    op.execute(
        """create table exports (account_id bigint not null, id bigint not null, state varchar not null,
        asked_at timestamptz not null, due_at timestamptz not null, attempt bigint not null, last_error varchar,
        size bigint, expires_at timestamptz, constraint pk_exports primary key (account_id),
        constraint fk_exports_account_id_accounts foreign key (account_id) references accounts (id)
        on delete cascade) partition by hash (account_id)"""
    )
    for n in range(SHARDS):
        op.execute(f"create table exports_p{n} partition of exports for values with (modulus {SHARDS}, remainder {n})")
    op.execute("create index ix_exports_due_at on exports (due_at) where state in ('asked', 'making')")


def downgrade() -> None:
    op.drop_table("exports")
