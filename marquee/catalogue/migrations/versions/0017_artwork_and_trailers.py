"""Pictures that people give titles.

Revision ID: 0017
"""

from alembic import op

revision = "0017"
down_revision = "0013"
branch_labels = None
depends_on = None

TITLES = "add column artwork jsonb default '{}' not null, add column artwork_changed_at timestamptz"
INDEX = "ix_titles_artwork_changed_at on titles (artwork_changed_at) where artwork_changed_at is not null"


def upgrade() -> None:
    op.execute(f"alter table titles {TITLES}")
    op.execute(f"create index {INDEX}")


def downgrade() -> None:
    op.execute("alter table titles drop column artwork, drop column artwork_changed_at")
