"""Checks of replicas: when each release was last read through, what is suspected, what was found. Keys by scheme.

Revision ID: 0021
"""

from alembic import op

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        create table release_checks (
            release_id bigint constraint pk_release_checks primary key
                constraint fk_release_checks_release_id_releases references releases on delete cascade,
            checked_at timestamptz, suspected_at timestamptz, suspicion varchar
        )
    """)
    op.execute("""
        create table replica_findings (
            id bigint constraint pk_replica_findings primary key,
            release_id bigint not null
                constraint fk_replica_findings_release_id_releases references releases on delete cascade,
            region varchar not null, at timestamptz not null, found jsonb not null, lost jsonb not null,
            repaired bigint not null
        )
    """)
    op.create_index("ix_replica_findings_release_id", "replica_findings", ["release_id"])
    op.create_index("ix_replica_findings_at", "replica_findings", ["at"])
    op.execute("alter table content_keys add column scheme varchar default '' not null")
    op.drop_constraint("uq_content_keys_release_id_track_type", "content_keys")
    op.create_unique_constraint(None, "content_keys", ["release_id", "track_type", "scheme"])


def downgrade() -> None:
    op.execute(
        "delete from content_keys k using content_keys o where (k.release_id, k.track_type) = "
        "(o.release_id, o.track_type) and k.scheme > o.scheme"
    )  # the first scheme is called less
    op.drop_constraint("uq_content_keys_release_id_track_type_scheme", "content_keys")
    op.create_unique_constraint(None, "content_keys", ["release_id", "track_type"])
    op.drop_column("content_keys", "scheme")
    op.drop_table("replica_findings")
    op.drop_table("release_checks")
