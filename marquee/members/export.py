"""Writes an archive of what is kept of a member: each table as JSON and as CSV."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from marquee.catalogue import personal
from marquee.catalogue.database import begin

Tables = Mapping[str, Sequence[Mapping[str, Any]]]


def kept(account_id: int) -> dict[str, list[dict[str, Any]]]:
    """By table, what the catalogue keeps of an account, without secrets."""
    with begin() as session:
        return personal.rows_of(session, account_id)


def write(target: Path, parts: Mapping[str, Tables]) -> int:
    """Write the archive, whole or not at all: a folder for each part, two files for each table; the rows there are."""
    making = target.with_suffix(f"{target.suffix}.part")
    with zipfile.ZipFile(making, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, tables in parts.items():
            for table, rows in tables.items():
                archive.writestr(f"{part}/{table}.json", json.dumps(rows, indent=1, default=str, ensure_ascii=False))
                archive.writestr(f"{part}/{table}.csv", _csv(rows))
    making.replace(target)
    return sum(len(rows) for tables in parts.values() for rows in tables.values())


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
