"""When an account is deleted.

Revision ID: 0006
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table accounts add column delete_at timestamptz")
    op.execute("create index ix_accounts_delete_at on accounts (delete_at) where delete_at is not null")


def downgrade() -> None:
    op.execute("drop index ix_accounts_delete_at")
    op.execute("alter table accounts drop column delete_at")
