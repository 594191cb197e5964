"""Members: accounts, addresses, devices, links, audit trail, second factors, attempts, e-mail.

Tables of members are partitioned by a hash of the account's id, the index of addresses by the address.

Revision ID: 0004
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SHARDS = 8
TABLES = {
    "accounts": (
        "id",
        "id",
        """id bigint not null, email varchar, password_hash varchar, language varchar default 'en' not null,
        role varchar default 'member' not null, origin varchar not null, created_at timestamptz not null,
        email_verified_at timestamptz, locked_at timestamptz, lock_reason varchar""",
    ),
    "email_addresses": ("address", "address", "address varchar not null, account_id bigint not null"),
    "devices": (
        "account_id",
        "account_id, id",
        """account_id bigint not null, id bigint not null, generation bigint not null, kind varchar not null,
        name varchar not null, country varchar not null, created_at timestamptz not null, seen_at timestamptz not null,
        expires_at timestamptz not null, ended_at timestamptz""",
    ),
    "one_time_links": (
        "account_id",
        "account_id, id",
        """account_id bigint not null, id bigint not null, purpose varchar not null, secret_sha256 bytea not null,
        details jsonb not null, expires_at timestamptz not null, used_at timestamptz""",
    ),
    "audit_entries": (
        "account_id",
        "account_id, id",
        """account_id bigint not null, id bigint not null, at timestamptz not null, kind varchar not null,
        device varchar not null, country varchar not null, actor varchar, detail varchar not null""",
    ),
    "totp": (
        "account_id",
        "account_id",
        """account_id bigint not null, sealed_secret bytea not null, last_step bigint not null,
        confirmed_at timestamptz""",
    ),
    "recovery_codes": (
        "account_id",
        "account_id, code_sha256",
        "account_id bigint not null, code_sha256 bytea not null, used_at timestamptz",
    ),
}


def upgrade() -> None:
    for table, (key, primary, columns) in TABLES.items():
        constraint = f"constraint pk_{table} primary key ({primary})"
        op.execute(f"create table {table} ({columns}, {constraint}) partition by hash ({key})")
        for n in range(SHARDS):
            op.execute(
                f"create table {table}_p{n} partition of {table} for values with (modulus {SHARDS}, remainder {n})"
            )
    op.execute(
        """create unlogged table attempts (subject_sha256 bytea constraint pk_attempts primary key,
        failures bigint not null, last_at timestamptz not null, blocked_until timestamptz)"""
    )
    op.execute(
        """create table mails (id bigint constraint pk_mails primary key, account_id bigint, address varchar not null,
        kind varchar not null, language varchar not null, details jsonb not null, created_at timestamptz not null,
        due_at timestamptz not null, tries bigint not null, last_error varchar)"""
    )
    op.create_index("ix_mails_due_at", "mails", ["due_at"])


def downgrade() -> None:
    for table in (*TABLES, "attempts", "mails"):
        op.drop_table(table)
