"""Who a member is at the operator's OpenID Connect provider.

Revision ID: 0008
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SHARDS = 8


def upgrade() -> None:
    op.execute(
        """create table identities (subject varchar not null, issuer varchar not null, account_id bigint not null,
        constraint pk_identities primary key (subject, issuer)) partition by hash (subject)"""
    )
    for n in range(SHARDS):
        op.execute(
            f"create table identities_p{n} partition of identities for values with (modulus {SHARDS}, remainder {n})"
        )


def downgrade() -> None:
    op.drop_table("identities")
