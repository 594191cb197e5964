"""Series as things of their own: what is said of them, and who changed it; how many asked for what was not found.

Revision ID: 0014
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STATEMENTS = (
    """create table series (id bigint not null, slug varchar not null, version bigint not null,
    description jsonb not null, artwork jsonb not null, delivered jsonb, edited jsonb not null, fingerprint varchar,
    updated_at timestamptz not null,
    constraint pk_series primary key (id), constraint uq_series_slug unique (slug))""",
    """create table series_versions (id bigint not null, series_id bigint not null, version bigint not null,
    action varchar not null, changed jsonb not null, note varchar not null, actor varchar not null,
    at timestamptz not null, constraint pk_series_versions primary key (id),
    constraint uq_series_versions_series_id_version unique (series_id, version),
    constraint fk_series_versions_series_id_series foreign key (series_id) references series (id)
    on delete cascade)""",
    "alter table search_miss_counts add column askers bigint default 0 not null",
)
MISSES = """create view search_misses as
    select query, territory, language, sum(times) as times, min(day) as first_day, max(day) as last_day
    from search_miss_counts where day > current_date - 30"""
GROUPED = "group by query, territory, language"
SEVERAL = """and query in (select query from search_miss_counts where day > current_date - 30
    group by query having bit_count(bit_or(askers)::bit(64)) >= 5)"""


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    op.execute("drop view search_misses")
    op.execute(f"{MISSES} {SEVERAL} {GROUPED}")


def downgrade() -> None:
    op.execute("drop view search_misses")
    op.drop_column("search_miss_counts", "askers")
    op.execute(f"{MISSES} {GROUPED}")
    op.execute("drop table series_versions")
    op.execute("drop table series")
