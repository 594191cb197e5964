"""Collections of titles, searches that found nothing, and where titles come from.

Revision ID: 0012
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATEMENTS = (
    "alter table titles add column origin varchar default 'delivered' not null",
    """create table collections (id bigint not null, slug varchar not null, position bigint not null,
    original_language varchar not null, start timestamptz, "end" timestamptz, updated_at timestamptz not null,
    constraint pk_collections primary key (id), constraint uq_collections_slug unique (slug))""",
    """create table collection_texts (collection_id bigint not null, language varchar not null, name varchar not null,
    description varchar, constraint pk_collection_texts primary key (collection_id, language),
    constraint fk_collection_texts_collection_id_collections foreign key (collection_id)
    references collections (id) on delete cascade)""",
    """create table collection_titles (collection_id bigint not null, position bigint not null,
    title_id bigint not null, constraint pk_collection_titles primary key (collection_id, position),
    constraint fk_collection_titles_collection_id_collections foreign key (collection_id)
    references collections (id) on delete cascade,
    constraint fk_collection_titles_title_id_titles foreign key (title_id) references titles (id) on delete cascade)""",
    "create index ix_collection_titles_title_id on collection_titles (title_id)",
    """create table search_miss_counts (day date not null, query varchar not null, territory varchar not null,
    language varchar not null, times bigint not null,
    constraint pk_search_miss_counts primary key (day, query, territory, language))""",
    """create view search_misses as
    select query, territory, language, sum(times) as times, min(day) as first_day, max(day) as last_day
    from search_miss_counts where day > current_date - 30 group by query, territory, language""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop view search_misses")
    for table in ("search_miss_counts", "collection_titles", "collection_texts", "collections"):
        op.drop_table(table)
    op.drop_column("titles", "origin")
