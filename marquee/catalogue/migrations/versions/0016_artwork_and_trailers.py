"""Pictures that people give titles, and trailers.

Revision ID: 0016
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COLUMNS = {"artwork": "jsonb default '{}' not null", "artwork_changed_at": "timestamptz", "trailer_of": "varchar"}
INDEXES = {
    "ix_titles_artwork_changed_at": "titles (artwork_changed_at) where artwork_changed_at is not null",
    "ix_titles_trailer_of": "titles (trailer_of) where trailer_of is not null",
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.execute(f"alter table titles add column {name} {kind}")
    for name, on in INDEXES.items():
        op.execute(f"create index {name} on {on}")


def downgrade() -> None:
    for name in COLUMNS:  # their indexes go with them
        op.drop_column("titles", name)
