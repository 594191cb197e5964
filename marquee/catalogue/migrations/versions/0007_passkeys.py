"""Passkeys of accounts, and the challenges that were answered.

Revision ID: 0007
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SHARDS = 8
TABLES = {
    "passkeys": (
        "account_id, id",
        """account_id bigint not null, id bigint not null, credential_id bytea not null, public_key bytea not null,
        sign_count bigint not null, name varchar not null, created_at timestamptz not null, used_at timestamptz,
        constraint fk_passkeys_account_id_accounts foreign key (account_id) references accounts (id)
        on delete cascade, constraint uq_passkeys_account_id_credential_id unique (account_id, credential_id)""",
    ),
    "spent_challenges": (
        "account_id, challenge_sha256",
        """account_id bigint not null, challenge_sha256 bytea not null, at timestamptz not null,
        constraint fk_spent_challenges_account_id_accounts foreign key (account_id) references accounts (id)
        on delete cascade""",
    ),
}


def upgrade() -> None:
    for table, (primary, columns) in TABLES.items():
        constraint = f"constraint pk_{table} primary key ({primary})"
        op.execute(f"create table {table} ({columns}, {constraint}) partition by hash (account_id)")
        for n in range(SHARDS):
            op.execute(
                f"create table {table}_p{n} partition of {table} for values with (modulus {SHARDS}, remainder {n})"
            )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
