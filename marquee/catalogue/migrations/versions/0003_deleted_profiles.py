"""Profiles that were deleted are called so.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.rename_table("forgotten_profiles", "deleted_profiles")
    op.execute("alter index pk_forgotten_profiles rename to pk_deleted_profiles")


def downgrade() -> None:
    op.execute("alter index pk_deleted_profiles rename to pk_forgotten_profiles")
    op.rename_table("deleted_profiles", "forgotten_profiles")
