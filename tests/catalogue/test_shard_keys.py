"""Every statement on a table of members names the account that it is for, so that one shard of a cluster answers it.

tests/api/test_shard_key.py asks PostgreSQL about the statements that requests lead to; here all of the code is read.
"""

import ast

import pytest

from marquee.catalogue.models import Base
from tests.catalogue import shard_keys
from tests.catalogue.shard_keys import KEYS, TABLES, functions_without_key, inline, statements, without_key

# What asks every shard, and why: background work once an hour or a night, staff, the demo. No viewer waits for any.
ALL_SHARDS = {
    "marquee.catalogue.accounts.due_for_deletion AccountRow": "upkeep, once an hour",
    "marquee.catalogue.exports.due ExportRow": "upkeep",
    "marquee.catalogue.exports.expire ExportRow": "upkeep",
    "marquee.catalogue.exports.give_up ExportRow": "upkeep",
    "marquee.catalogue.identities.forget IdentityRow": "a deletion; the table's key is who signs in, not the account",
    "marquee.catalogue.passkeys.forget_spent SpentChallenge": "upkeep",
    "marquee.catalogue.profiles.account_of ProfileRow": "staff",
    "marquee.catalogue.progress.replace Progress": "simulated viewers, many accounts at once",
    "marquee.catalogue.second_factors.totps_after TotpRow": "an exchange of the master key",
    "marquee.catalogue.subscriptions.of_accounts SubscriptionRow": "the reconciliation with a provider",
    "marquee.demo.members.lend_history ProfileRow": "the demo",
    "marquee.viewing.pipeline.books._queries SubscriptionRow": "the nightly copy of the books into the lake",
    "marquee.viewing.pipeline.simulating._replace ProfileRow": "simulated viewers, many accounts at once",
    "marquee.viewing.pipeline.simulating.resume AccountRow": "simulated viewers, many accounts at once",
    "marquee.viewing.pipeline.snapshot._profiles ProfilePick": "the nightly copy of profiles into the lake",
    "marquee.viewing.pipeline.snapshot._profiles ProfileRow": "the nightly copy of profiles into the lake",
    "marquee.viewing.pipeline.snapshot._profiles TitleOpinion": "the nightly copy of profiles into the lake",
}
# Of those who ask at the same moment: the accounts are given, and each of their rows is asked of one shard.
MANY_ACCOUNTS = {"marquee.catalogue.rows.STAMPS", "marquee.catalogue.rows.VIEWERS"}
# Tables that name an account and are not divided by it, and why.
WHOLE = {
    "playback_sessions": "found by the session's own id, which tokens and edges carry",
    "visits": "found by the visit's own id; only written, and read by the nightly shipment",
    "mails": "a queue: rows are gone once a mail is sent",
    "billing_notices": "a queue: found by the provider's id of a notice",
}


def test_functions_that_ask_name_the_shard_or_say_why_they_ask_all() -> None:
    assert {*functions_without_key()} == ALL_SHARDS.keys()


@pytest.mark.parametrize("name", statements())
def test_sql_names_the_shard_of_each_table(name: str) -> None:
    assert bool(without_key(statements()[name])) == (name in MANY_ACCOUNTS)


def test_sql_on_tables_of_members_is_the_catalogues() -> None:
    assert [place for place in inline() if not place.startswith("marquee.viewing.expectations.")] == []  # DuckDB's


def test_tables_that_name_an_account_are_divided_by_it() -> None:
    named = {name for name, table in Base.metadata.tables.items() if "account_id" in table.columns}
    keyed_otherwise = {"email_addresses", "identities"}  # by what a person types: they lead to the account
    assert named - TABLES.keys() <= WHOLE.keys()
    assert {name for name in named & TABLES.keys() if TABLES[name] != "account_id"} == keyed_otherwise
    assert TABLES["accounts"] == "id"


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("select 1 from profiles where account_id = $1 and id = $2", []),
        ("select 1 from profiles where id = $1", ["profiles"]),
        ("select 1 from profiles where account_id = $1 or id = $2", ["profiles"]),
        ("select 1 from profiles where account_id > $1", ["profiles"]),
        ("select 1 from profiles where account_id = id", ["profiles"]),
        ("select 1 from profiles p join progress x on x.account_id = p.account_id where p.account_id = $1::bigint", []),
        ("select 1 from profiles p join progress x on x.profile_id = p.id where p.account_id = $1", ["progress"]),
        ("select 1 from profiles p where p.account_id = $1 and exists (select from devices)", ["devices"]),
        (
            "select (select 1 from devices d where d.account_id = p.account_id) from profiles p where 7 = p.account_id",
            [],
        ),
        ("with gone as (delete from streams where session_id = $1 returning 1) select 1 from gone", ["streams"]),
        ("update progress set position_ms = 0 where profile_id = $1", ["progress"]),
        ("insert into progress (account_id, profile_id) values ($1, $2)", []),
        ("insert into progress (profile_id) values ($1)", ["progress"]),
        ("select 1 from titles where id = $1", []),
    ],
)
def test_the_reading_of_sql_finds_what_is_missing(sql: str, tables: list[str]) -> None:
    assert without_key(sql) == tables


def test_the_reading_of_code_finds_what_is_missing() -> None:
    code = """
def bad(session, profile_id): return session.scalar(select(ProfileRow).where(ProfileRow.id == profile_id))
def good(session, account_id): return session.scalar(select(ProfileRow).where(*_own(account_id)))
def _own(account_id): return (ProfileRow.account_id == account_id,)
"""
    module = ast.parse(code)
    shared = {name: node for node in module.body for name in shard_keys._defines(node)}
    keyed = {
        function.name: any(
            shard_keys._names_key(node, "ProfileRow") for node in [function, *shard_keys._used(function, shared)]
        )
        for function in module.body
        if isinstance(function, ast.FunctionDef)
    }
    assert keyed == {"bad": False, "good": True, "_own": True}
    assert KEYS["ProfileRow"] == "account_id"
