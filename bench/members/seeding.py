"""Fills a catalogue with accounts, profiles and positions, by statements that PostgreSQL carries out by itself."""

from dataclasses import dataclass

from sqlalchemy import text

from bench.api.seeded_catalogue import seed_titles
from marquee.catalogue.database import begin
from marquee.members import passwords

PASSWORD = "lantern over quiet water"  # noqa: S105 (of accounts that live for minutes)
PROFILES = 10_000_000  # above every account's id
DEVICES, SESSIONS = 100_000_000, 200_000_000
ACTIVE = 2_000  # accounts that play
STATEMENTS = {
    "accounts": """
        insert into accounts (id, email, password_hash, role, origin, language, created_at, email_verified_at)
        select n, 'member' || n || '@example.org', :password, 'member', 'account', 'en', now(), now()
        from generate_series(1, :accounts) n""",
    "addresses": """
        insert into email_addresses select 'member' || n || '@example.org', n from generate_series(1, :accounts) n""",
    "subscriptions": """
        insert into subscriptions (account_id, plan, state, provider, started_at, updated_at)
        select n, 'premium', 'active', 'bench', now(), now() from generate_series(1, :accounts) n""",
    "devices": """
        insert into devices (account_id, id, generation, kind, name, country, created_at, seen_at, expires_at,
                             profile_id)
        select n, :devices + n, 1, 'desktop', 'Firefox on Linux', 'ZZ', now(), now(), now() + interval '30 days',
               :profile + n
        from generate_series(1, :accounts) n""",
    "profiles": """
        insert into profiles (account_id, id, name, languages, kids, origin, created_at)
        select (n - 1) % :accounts + 1, :profile + n, 'Viewer ' || n, '["en"]', false, 'account', now()
        from generate_series(1, :profiles) n""",
    "progress": """
        insert into progress (account_id, profile_id, title_id, position_ms)
        select (n - 1) % :accounts + 1, :profile + n, (cast(:titles as bigint[]))[(n * 7 + k * 13) % :title_count + 1],
               (n * 31 + k * 977) % 5000000
        from generate_series(1, :profiles) n, generate_series(1, :each) k""",
    "sessions": """
        insert into playback_sessions (id, account_id, device_id, profile_id, title_id, release_id, idempotency_key,
                                       started_at, expires_at)
        select :sessions + n, n, :devices + n, :profile + n, t.id, t.current_release_id, 'k', now(),
               now() + interval '1 day'
        from generate_series(1, :active) n join titles t on t.id = (cast(:titles as bigint[]))[n % :title_count + 1]""",
    "streams": """
        insert into streams (account_id, session_id, profile_id, title_id, device_id, device, started_at, seen_at)
        select account_id, id, profile_id, title_id, device_id, 'Firefox on Linux', now(), now() + interval '1 hour'
        from playback_sessions""",
}


@dataclass(frozen=True)
class Population:
    """How many there are. Account n has device DEVICES + n and the profile PROFILES + n; others follow in turn."""

    accounts: int
    profiles: int
    progress: int
    titles: tuple[int, ...]


def fill(*, accounts: int, profiles: int, progress: int, titles: int) -> Population:
    """Fill the catalogue, table by table, and say how it gets on."""
    made = seed_titles(titles)
    each = progress // profiles
    values = {
        "accounts": accounts, "profiles": profiles, "each": each, "titles": made, "title_count": len(made),
        "profile": PROFILES, "devices": DEVICES, "sessions": SESSIONS, "active": min(ACTIVE, accounts),
        "password": passwords.hashed(PASSWORD),
    }  # fmt: skip
    for name, statement in STATEMENTS.items():
        with begin() as session:
            # without the look-up of every foreign key: what is filled in here fits by its making
            session.execute(text("set local session_replication_role = replica"))
            wanted = {key: value for key, value in values.items() if f":{key}" in statement}
            session.execute(text(statement), wanted)
        print(f"filled: {name}", flush=True)
    with begin() as session:
        session.execute(text("analyze"))
    with begin() as session:
        session.execute(text("checkpoint"))  # what was filled in is written out now, not while something is measured
    return Population(accounts, profiles, each * profiles, tuple(made))
