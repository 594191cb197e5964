"""Exports a finished DuckDB file: marts as Parquet, failing rows, and what it was built from."""

from pathlib import Path

from marquee.viewing.warehouse.reading import connect

STAMP = "intermediate.built_by"


def write(database: Path, marts: list[str], target: Path) -> dict[str, int]:
    """Write each mart into `target`, its rows in order of all columns: the same rows give the same bytes.

    Returns the number of rows by mart.
    """
    import duckdb

    target.mkdir()
    rows = {}
    with duckdb.connect(str(database)) as connection:
        connection.execute("SET threads = 1")
        for name in marts:
            relation = f'main."{name}"'
            connection.execute(
                f"COPY (SELECT * FROM {relation} ORDER BY ALL) TO '{target / name}.parquet' (FORMAT parquet, COMPRESSION zstd)"  # noqa: S608, E501
            )
            rows[name] = int(connection.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0])  # noqa: S608
    return rows


def first_rows(database: Path, query: str, limit: int) -> str:
    """The first rows of a query as text, `column=value` each."""
    import duckdb

    with duckdb.connect(str(database)) as connection:
        found = connection.execute(f"SELECT * FROM ({query}) LIMIT {limit}")  # noqa: S608
        names = [column[0] for column in found.description]
        return "; ".join(
            ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True)) for row in found.fetchall()
        )


def stamp(database: Path, fingerprint: str) -> None:
    """Note in the file by which models it was made."""
    import duckdb

    with duckdb.connect(str(database)) as connection:
        connection.execute(f"CREATE OR REPLACE TABLE {STAMP} AS SELECT ? AS fingerprint", [fingerprint])


def stamped() -> str:
    """By which models the published file was made; empty where nothing is noted."""
    import duckdb

    with connect() as connection:
        try:
            return str(connection.execute(f"SELECT fingerprint FROM {STAMP}").fetchall()[0][0])  # noqa: S608
        except duckdb.CatalogException:
            return ""
