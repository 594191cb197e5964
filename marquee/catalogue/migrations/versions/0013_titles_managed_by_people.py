"""Titles managed by people: versions, schedules, deletion; what the list of titles reads quickly.

Revision ID: 0013
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TITLES = """
    add column version bigint default 1 not null, add column shown_from timestamptz,
    add column delete_at timestamptz, add column purge_asked_at timestamptz,
    add column delivered_at timestamptz default now() not null, add column delivered jsonb,
    add column edited jsonb default '[]' not null, add column marks jsonb default '{}' not null
"""
RELEASES = """
    add column source varchar,
    add column outline jsonb generated always as (document - 'files') stored,
    add column codecs jsonb generated always as (jsonb_path_query_array(document, '$.video[*].codec')) stored
"""
SOURCES = """
    update releases r set source = d.document #>> '{source,sha256}' from titles t, deliveries d
    where t.id = r.title_id and d.slug = t.slug and d.fingerprint = r.fingerprint and d.state = 'accepted'
"""
DELIVERED = """
    update titles t set delivered_at = coalesce((select max(d.received_at) from deliveries d
        where d.title_id = t.id and d.state = 'accepted'), t.created_at)
"""
VERSIONS = """
    create table title_versions (id bigint not null, title_id bigint not null, version bigint not null,
    action varchar not null, changed jsonb not null, note varchar not null, actor varchar not null,
    at timestamptz not null, constraint pk_title_versions primary key (id),
    constraint uq_title_versions_title_id_version unique (title_id, version),
    constraint fk_title_versions_title_id_titles foreign key (title_id) references titles (id) on delete cascade)
"""
INDEXES = {
    "ix_titles_series": "titles (series, season, number)",
    "ix_titles_delete_at": "titles (delete_at) where delete_at is not null",
    "ix_titles_purge_asked_at": "titles (purge_asked_at) where purge_asked_at is not null",
    "ix_releases_codecs": "releases using gin (codecs)",
    "ix_qc_reports_title_id": "qc_reports (title_id, created_at)",
}


def upgrade() -> None:
    op.execute(f"alter table titles {TITLES}")
    op.execute(f"alter table releases {RELEASES}")
    op.execute(SOURCES)
    op.execute(DELIVERED)
    op.execute(VERSIONS)
    op.execute("drop index ix_qc_reports_title_id")
    for name, on in INDEXES.items():
        op.execute(f"create index {name} on {on}")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"drop index {name}")
    op.execute("create index ix_qc_reports_title_id on qc_reports (title_id)")
    op.execute("drop table title_versions")
    for name in ("source", "outline", "codecs"):
        op.drop_column("releases", name)
    for name in (
        "version",
        "shown_from",
        "delete_at",
        "purge_asked_at",
        "delivered_at",
        "delivered",
        "edited",
        "marks",
    ):
        op.drop_column("titles", name)
