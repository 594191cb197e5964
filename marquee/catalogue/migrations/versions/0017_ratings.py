"""Labels of rating boards.

Revision ID: 0017
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table titles add column ratings jsonb default '{}' not null")


def downgrade() -> None:
    op.drop_column("titles", "ratings")
