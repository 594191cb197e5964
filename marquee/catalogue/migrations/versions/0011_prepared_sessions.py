"""Playback sessions that are opened before anybody has asked to play.

Revision ID: 0011
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table playback_sessions add column prepared boolean default false not null")


def downgrade() -> None:
    op.drop_column("playback_sessions", "prepared")
