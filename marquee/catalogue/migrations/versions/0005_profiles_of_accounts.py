"""Profiles belong to accounts, and so does what they leave: picks, lists, progress, sessions, visits.

Every profile that there is becomes an account of its own: the account has the profile's id.

Revision ID: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SHARDS = 8
OF_PROFILE = "foreign key (account_id, profile_id) references profiles (account_id, id) on delete cascade"
OF_TITLE = "foreign key (title_id) references titles (id) on delete cascade"
TABLES = {
    "profiles": (
        "account_id, id",
        """account_id bigint not null, id bigint not null, name varchar not null, languages jsonb not null,
        kids boolean not null, age_limit bigint, avatar varchar default 'violet' not null, pin_hash varchar,
        preferences jsonb default '{}' not null, origin varchar not null, country varchar, device varchar,
        traits jsonb default '[]' not null, created_at timestamptz not null,
        constraint fk_profiles_account_id_accounts foreign key (account_id) references accounts (id)
        on delete cascade""",
    ),
    "profile_picks": (
        "account_id, profile_id, title_id",
        f"""account_id bigint not null, profile_id bigint not null, title_id bigint not null,
        constraint fk_profile_picks_account_id_profiles {OF_PROFILE},
        constraint fk_profile_picks_title_id_titles {OF_TITLE}""",
    ),
    "progress": (
        "account_id, profile_id, title_id",
        f"""account_id bigint not null, profile_id bigint not null, title_id bigint not null,
        position_ms bigint not null, updated_at timestamptz default now() not null,
        constraint fk_progress_account_id_profiles {OF_PROFILE},
        constraint fk_progress_title_id_titles {OF_TITLE}""",
    ),
    "title_opinions": (
        "account_id, profile_id, title_id",
        f"""account_id bigint not null, profile_id bigint not null, title_id bigint not null,
        listed_at timestamptz, thumb varchar, hidden boolean default false not null,
        updated_at timestamptz default now() not null,
        constraint fk_title_opinions_account_id_profiles {OF_PROFILE},
        constraint fk_title_opinions_title_id_titles {OF_TITLE}""",
    ),
    "streams": (
        "account_id, session_id",
        f"""account_id bigint not null, session_id bigint not null, profile_id bigint not null,
        title_id bigint not null, device_id bigint not null, device varchar not null,
        started_at timestamptz not null, seen_at timestamptz not null,
        constraint fk_streams_account_id_profiles {OF_PROFILE}, constraint fk_streams_title_id_titles {OF_TITLE}""",
    ),
    "subscriptions": (
        "account_id",
        """account_id bigint not null, plan varchar not null, state varchar not null, provider varchar not null,
        started_at timestamptz not null, ends_at timestamptz, updated_at timestamptz not null,
        constraint fk_subscriptions_account_id_accounts foreign key (account_id) references accounts (id)
        on delete cascade""",
    ),
}
REPLACED = ("profiles", "profile_picks", "progress")


def upgrade() -> None:
    for table in ("playback_sessions", "visits"):
        op.drop_constraint(f"fk_{table}_profile_id_profiles", table)
    for table in reversed(REPLACED):
        for kind, column in (("fk", "_profile_id_profiles"), ("fk", "_title_id_titles"), ("pk", "")):
            op.execute(f"alter table {table} drop constraint if exists {kind}_{table}{column}")
        op.execute(f"alter table {table} rename to old_{table}")
    op.execute("drop index uq_profiles_demo")
    for table, (primary, columns) in TABLES.items():
        _create(table, primary, columns)
    op.execute(
        """insert into accounts (id, language, role, origin, created_at)
        select id, 'en', 'member', origin, created_at from old_profiles on conflict do nothing"""
    )
    op.execute(
        """insert into profiles (account_id, id, name, languages, kids, origin, country, device, traits, created_at)
        select id, id, name, languages, kids, origin, country, device, traits, created_at from old_profiles"""
    )
    op.execute("insert into profile_picks select profile_id, profile_id, title_id from old_profile_picks")
    op.execute(
        """insert into progress (account_id, profile_id, title_id, position_ms, updated_at)
        select profile_id, profile_id, title_id, position_ms, updated_at from old_progress"""
    )
    for table in reversed(REPLACED):
        op.drop_table(f"old_{table}")
    for table in ("playback_sessions", "visits"):
        op.execute(f"alter table {table} add column account_id bigint")
        op.execute(f"update {table} set account_id = profile_id")  # noqa: S608 (constants)
        op.execute(f"alter table {table} alter column account_id set not null")
        op.execute(f"alter table {table} add constraint fk_{table}_account_id_profiles {OF_PROFILE}")
        op.execute(f"drop index ix_{table}_profile_id")
        op.execute(f"create index ix_{table}_account_id on {table} (account_id, profile_id)")
    op.execute("alter table playback_sessions drop column seen_at")
    op.execute("alter table playback_sessions add column device_id bigint default 0 not null")
    op.execute("alter table playback_sessions add column stopped boolean default false not null")
    op.execute("alter table devices add column profile_id bigint")


def _create(table: str, primary: str, columns: str) -> None:
    constraint = f"constraint pk_{table} primary key ({primary})"
    op.execute(f"create table {table} ({columns}, {constraint}) partition by hash (account_id)")
    for n in range(SHARDS):
        op.execute(f"create table {table}_p{n} partition of {table} for values with (modulus {SHARDS}, remainder {n})")


def downgrade() -> None:
    op.execute("alter table devices drop column profile_id")
    op.execute("alter table playback_sessions add column seen_at timestamptz default now() not null")
    op.execute("alter table playback_sessions drop column device_id, drop column stopped")
    for table in ("playback_sessions", "visits"):
        op.execute(f"drop index ix_{table}_account_id")
        op.execute(f"alter table {table} drop constraint fk_{table}_account_id_profiles")
        op.execute(f"alter table {table} drop column account_id")
        op.execute(f"create index ix_{table}_profile_id on {table} (profile_id)")
    for table in ("subscriptions", "streams", "title_opinions"):
        op.drop_table(table)
    for table in reversed(REPLACED):
        op.execute(f"alter table {table} rename to old_{table}")
    op.execute(
        """create table profiles (id bigint not null, name varchar not null, languages jsonb not null,
        kids boolean not null, origin varchar not null, country varchar, device varchar,
        traits jsonb default '[]' not null, created_at timestamptz not null)"""
    )
    op.execute("create table profile_picks (profile_id bigint not null, title_id bigint not null)")
    op.execute(
        """create table progress (profile_id bigint not null, title_id bigint not null, position_ms bigint not null,
        updated_at timestamptz default now() not null)"""
    )
    op.execute(
        "insert into profiles select id, name, languages, kids, origin, country, device, traits, created_at"
        " from old_profiles"
    )
    op.execute("insert into profile_picks select profile_id, title_id from old_profile_picks")
    op.execute("insert into progress select profile_id, title_id, position_ms, updated_at from old_progress")
    for table in reversed(REPLACED):
        op.drop_table(f"old_{table}")
    op.create_primary_key("pk_profiles", "profiles", ["id"])
    op.create_index("uq_profiles_demo", "profiles", ["origin"], unique=True, postgresql_where="origin = 'demo'")
    for table in ("profile_picks", "progress"):
        op.create_primary_key(f"pk_{table}", table, ["profile_id", "title_id"])
        op.create_foreign_key(f"fk_{table}_title_id_titles", table, "titles", ["title_id"], ["id"], ondelete="CASCADE")
    for table in ("profile_picks", "progress", "playback_sessions", "visits"):
        name = f"fk_{table}_profile_id_profiles"
        op.create_foreign_key(name, table, "profiles", ["profile_id"], ["id"], ondelete="CASCADE")
