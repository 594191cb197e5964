"""Previews of releases by staff, releases that viewers get from a moment on, and how a release is encrypted.

Revision ID: 0015
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATEMENTS = (
    "alter table releases add column scheme varchar generated always as (document ->> 'scheme') stored",
    """alter table titles add column scheduled_release_id bigint, add column scheduled_at timestamptz,
    add column scheduled_by varchar,
    add constraint fk_titles_scheduled_release_id_releases foreign key (scheduled_release_id)
    references releases (id) on delete set null""",
    "create index ix_titles_scheduled_at on titles (scheduled_at) where scheduled_at is not null",
    # What viewers get, by the pointer or by a schedule that is due, noted yet or not. Queries have them inlined.
    """create function release_of(t titles) returns bigint language sql stable as $$
    select case when t.scheduled_at <= now() and t.scheduled_release_id is not null then t.scheduled_release_id
    else t.current_release_id end $$""",
    """create function state_of(t titles) returns varchar language sql stable as $$
    select case when t.scheduled_at <= now() and t.scheduled_release_id is not null
    and t.state not in ('withdrawn', 'deleting') then 'published' else t.state end $$""",
    """create table previews (id bigint not null, title_id bigint not null, release_id bigint not null,
    actor varchar not null, made_at timestamptz not null, secret_sha256 bytea not null, link_until timestamptz not null,
    opened_at timestamptz, expires_at timestamptz, ended_at timestamptz, device varchar default 'unknown' not null,
    country varchar default 'ZZ' not null, constraint pk_previews primary key (id),
    constraint fk_previews_title_id_titles foreign key (title_id) references titles (id) on delete cascade,
    constraint fk_previews_release_id_releases foreign key (release_id) references releases (id) on delete cascade)""",
    "create index ix_previews_title_id on previews (title_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop function state_of(titles), release_of(titles)")
    op.drop_table("previews")
    op.drop_column("releases", "scheme")
    for name in ("scheduled_release_id", "scheduled_at", "scheduled_by"):
        op.drop_column("titles", name)
