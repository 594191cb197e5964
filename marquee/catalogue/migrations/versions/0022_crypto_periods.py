"""Content keys by crypto period: a track may have several, one after the other.

Revision ID: 0022
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
LOCKS = "content_keys: a row per track type, scheme and crypto period of a release, some thousands"


def upgrade() -> None:
    op.execute("alter table content_keys add column crypto_period smallint default 0 not null")
    op.drop_constraint("uq_content_keys_release_id_track_type_scheme", "content_keys")
    op.create_unique_constraint(None, "content_keys", ["release_id", "track_type", "scheme", "crypto_period"])


def downgrade() -> None:
    op.execute("delete from content_keys where crypto_period > 0")
    op.drop_constraint("uq_content_keys_release_id_track_type_scheme_crypto_period", "content_keys")
    op.create_unique_constraint(None, "content_keys", ["release_id", "track_type", "scheme"])
    op.drop_column("content_keys", "crypto_period")
