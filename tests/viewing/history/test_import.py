"""Histories from elsewhere: what comes in is what was there, bad rows are put aside, the same again changes nothing."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from marquee.contracts.errors import InvalidInput
from marquee.contracts.lake import HISTORY, PROFILES, TITLES
from marquee.settings import settings
from marquee.viewing import lake
from marquee.viewing.history import importing
from marquee.viewing.history.ids import external_id
from marquee.viewing.history.importing import import_history

TABLE = """viewer,video,watched_at,seconds
ann,alpha,1700000000,61.5
ann,beta,1700000100000,0
"bob, jr",alpha,2023-11-14T22:20:00+00:00,3600
"""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def rows(table, source):
    store = lake.store()
    keys = list(store.keys(f"{table.name}/source={source}"))
    found = [pq.ParquetFile(store.fetch(key)).read() for key in keys]
    assert all(one.schema == lake.schema(table) for one in found)
    return pa.concat_tables(found).to_pylist()


def contents():
    store = lake.store()
    return {key: store.read(key) for key in store.keys("")}


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def test_what_comes_in_is_what_was_there(home):
    report = import_history(written(home / "seen.csv", TABLE), source="partner")
    found = {
        (r["profile_id"], r["title_id"]): (r["at_ms"], r["watched_ms"], r["rating"]) for r in rows(HISTORY, "partner")
    }
    ann, bob = external_id("partner", "user", "ann"), external_id("partner", "user", "bob, jr")
    alpha, beta = external_id("partner", "item", "alpha"), external_id("partner", "item", "beta")
    assert found == {
        (ann, alpha): (1_700_000_000_000, 61_500, None),
        (ann, beta): (1_700_000_100_000, 0, None),
        (bob, alpha): (1_700_000_400_000, 3_600_000, None),
    }
    assert (report.interactions, report.viewers, report.titles, report.rejected) == (3, 2, 2, 0)
    assert report.rejects is None
    assert {row["origin"] for table in (HISTORY, TITLES, PROFILES) for row in rows(table, "partner")} == {"imported"}


def test_the_order_of_rows_does_not_matter_and_ids_are_of_the_source(home):
    import_history(written(home / "seen.csv", TABLE), source="one")
    head, *lines = TABLE.splitlines(keepends=True)
    import_history(written(home / "turned.csv", head + "".join(reversed(lines))), source="two")
    one, two = rows(HISTORY, "one"), rows(HISTORY, "two")
    assert sorted(r["at_ms"] for r in one) == sorted(r["at_ms"] for r in two)
    assert {r["profile_id"] for r in one}.isdisjoint(r["profile_id"] for r in two)
    before = contents()
    import_history(home / "turned.csv", source="one")
    assert contents() == before


def test_bad_rows_are_put_aside_with_line_and_reason(home):
    bad = (
        "user,item,timestamp,rating\n"
        "1,2,978300760,5\n"
        ",2,978300760,5\n"
        "1,,978300760,5\n"
        "1,3,yesterday,5\n"
        "1,3,978300760,11\n"
        "1,3,978300760,nan\n"
        "1,3,978300760\n"
        "\n"
        "1,3,-978300760,4\n"
        "1,3,1e400,4\n"
        "1,3,978300760,\n"
        "1,3,,4\n"
        "2,3,978300761,4.5\n"
    )
    report = import_history(written(home / "bad.csv", bad), source="bad")
    assert (report.interactions, report.rejected) == (2, 10)
    lines = lake.store().read(report.rejects).decode().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["3", "4", "5", "6", "7", "8", "10", "11", "12", "13"]
    for line, reason in zip(lines[1:], ("user", "item", "timestamp", "rating", "rating", "fields"), strict=False):
        assert reason in line
    import_history(written(home / "good.csv", "user,item,timestamp,rating\n1,2,978300760,5\n"), source="bad")
    assert not lake.store().exists(report.rejects)


def test_a_row_that_comes_twice_counts_once_and_the_last_is_right(home):
    twice = "user,item,timestamp,rating\n1,2,978300760,5\n1,2,978300760,3\n1,2,978300761,1\n"
    report = import_history(written(home / "t.csv", twice), source="twice")
    assert (report.interactions, report.repeated) == (2, 1)
    assert [row["rating"] for row in rows(HISTORY, "twice")] == [3.0, 1.0]


def test_the_same_source_again_takes_the_place_of_what_it_brought(home):
    first = import_history(written(home / "seen.csv", TABLE), source="partner")
    before = contents()
    assert import_history(home / "seen.csv", source="partner") == first
    assert contents() == before
    other = import_history(written(home / "less.csv", "".join(TABLE.splitlines(True)[:2])), source="partner")
    assert len(rows(HISTORY, "partner")) == 1
    assert [s.id for s in lake.shipments()] == [first.shipment, other.shipment]


def test_files_that_are_needed_no_more_go(home, monkeypatch):
    monkeypatch.setattr(importing, "PART_ROWS", 1)
    import_history(written(home / "seen.csv", TABLE), source="partner")
    assert len(list(lake.store().keys("history"))) == 3
    import_history(written(home / "less.csv", "".join(TABLE.splitlines(True)[:2])), source="partner")
    assert len(rows(HISTORY, "partner")) == 1


def test_titles_of_the_catalogue_keep_their_ids(home):
    items = written(home / "items.csv", "movie_id,slug,name\nalpha,a-film,A film\nbeta,other,Other\n")
    seen = written(home / "seen.csv", TABLE)
    report = import_history(seen, source="partner", items=items, known={"a-film": 42})
    assert report.known == 1
    assert 42 in {row["title_id"] for row in rows(HISTORY, "partner")}
    assert [row["name"] for row in rows(TITLES, "partner")] == ["Other"]
    import_history(seen, source="by-id", known={"beta": 7})
    assert 7 in {row["title_id"] for row in rows(HISTORY, "by-id")}


@pytest.mark.parametrize(
    ("head", "missing"),
    [("item,timestamp,rating", "user"), ("user,timestamp,rating", "item"), ("user,item,rating", "timestamp")],
)
def test_a_missing_column_is_said_clearly(home, head, missing):
    with pytest.raises(InvalidInput, match=f"no column for {missing}.*got {head.replace(',', ', ')}"):
        import_history(written(home / "t.csv", head + "\n1,2,3\n"), source="partner")
    assert not contents()


def test_other_refusals(home):
    seen = written(home / "seen.csv", TABLE)
    with pytest.raises(InvalidInput, match="seconds or rating"):
        import_history(written(home / "t.csv", "user,item,timestamp\n1,2,3\n"), source="partner")
    for name in ("catalogue", "simulated-1", "Not a name", "../up"):
        with pytest.raises(InvalidInput, match="not a name for a source"):
            import_history(seen, source=name)
    with pytest.raises(InvalidInput, match="no such column for user"):
        import_history(seen, source="partner", columns={"user": "nobody"})
    for path in (home / "nothing.csv", written(home / "empty" / "x.bin", "?").parent, home / "empty" / "x.bin"):
        with pytest.raises(InvalidInput):
            import_history(path, source="partner")
    with pytest.raises(InvalidInput, match="an empty file"):
        import_history(written(home / "empty.csv", ""), source="partner")
    with pytest.raises(InvalidInput, match="not a Parquet file"):
        import_history(written(home / "no.parquet", "PAR?"), source="partner")


def test_columns_may_have_any_names(home):
    other = TABLE.replace("viewer,video,watched_at,seconds", "a,b,c,d").replace(",", "\t").replace('"bob\t jr"', "bob")
    names = {"user": "a", "item": "b", "timestamp": "c", "seconds": "d"}
    assert import_history(written(home / "t.tsv", other), source="partner", columns=names).interactions == 3


def ratings(separator):
    return "".join(separator.join(row) + "\n" for row in (("1", "10", "4", "978300760"), ("2", "11", "5", "978300761")))


def as_100k(folder):
    flags = ["0"] * 19
    flags[1] = flags[4] = "1"  # action, children's
    written(folder / "u.data", ratings("\t"))
    item = "|".join(("10", "Café Noir (1995)", "01-Jan-1995", "", "http://x", *flags))
    written(folder / "u.item", item + "\n", "latin-1")
    written(folder / "u.user", "1|24|M|writer|85711\n2|53|F|other|94043\n")


def as_1m(folder):
    written(folder / "ratings.dat", ratings("::"))
    written(folder / "movies.dat", "10::Café Noir (1995)::Action|Children's\n", "latin-1")
    written(folder / "users.dat", "1::M::24::3::85711\n2::F::53::1::94043\n")


def as_latest(folder):
    written(folder / "ratings.csv", "userId,movieId,rating,timestamp\n" + ratings(","))
    written(folder / "movies.csv", 'movieId,title,genres\n10,"Café Noir (1995)",Action|Children\'s\n')


def as_parquet(folder):
    folder.mkdir()
    pq.write_table(
        pa.table({"user_id": [1, 2], "movie_id": [10, 11], "rating": [4, 5], "timestamp": [978300760, 978300761]}),
        folder / "interactions.parquet",
    )
    pq.write_table(
        pa.table({"movie_id": [10], "title": ["Café Noir (1995)"], "genres": ["Action|Children's"]}),
        folder / "movies.parquet",
    )
    pq.write_table(pa.table({"user_id": [1, 2], "gender": ["M", "F"], "age": [24, 53]}), folder / "users.parquet")


@pytest.mark.parametrize("shape", [as_100k, as_1m, as_latest, as_parquet])
def test_movielens_in_each_of_its_shapes(home, shape):
    shape(home / "ml")
    report = import_history(home / "ml", source="ml")
    assert (report.interactions, report.viewers, report.titles, report.rejected) == (2, 2, 2, 0)
    seen = [(r["at_ms"], r["rating"], r["watched_ms"]) for r in rows(HISTORY, "ml")]
    assert sorted(seen) == [(978_300_760_000, 4.0, None), (978_300_761_000, 5.0, None)]
    title = {row["slug"]: row for row in rows(TITLES, "ml")}["ml-10"]
    assert (title["name"], title["year"], title["genres"]) == ("Café Noir", 1995, ["action", "childrens"])
    traits = {row["profile_id"]: row["traits"] for row in rows(PROFILES, "ml")}
    if shape is not as_latest:
        assert set(traits[external_id("ml", "user", "1")]) >= {"gender=M", "age=24"}
    assert not any("zip" in trait for known in traits.values() for trait in known)


def test_real_movielens(home):
    folder = Path(__file__).resolve().parents[4] / "shared" / "data" / "ml-100k"
    if not folder.is_dir():
        pytest.skip("MovieLens 100k (../shared/data) is not on this machine")
    report = import_history(folder, source="ml-100k")
    assert (report.interactions, report.viewers, report.titles, report.rejected) == (100_000, 943, 1_682, 0)
    found = rows(HISTORY, "ml-100k")
    assert sum(row["rating"] for row in found) == 352_986
    assert {trait.split("=")[0] for row in rows(PROFILES, "ml-100k") for trait in row["traits"]} == {
        "age", "gender", "occupation",
    }  # fmt: skip
