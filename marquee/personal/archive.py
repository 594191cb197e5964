"""Writes an archive of all that is kept of a member: each table of the catalogue and of the lake, as JSON and as CSV.

Rows are written while they are read, so that memory does not grow with what somebody has watched.
"""

import csv
import json
import shutil
import zipfile
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from marquee.catalogue import personal as of_the_catalogue
from marquee.catalogue import profiles
from marquee.catalogue.database import begin
from marquee.contracts.personal import KeptTable
from marquee.storage import replacing
from marquee.viewing.pipeline import personal as of_the_lake


def write(target: Path, account_id: int) -> int:
    """Write the archive, whole or not at all: a folder for each part, two files for each table; the rows there are."""
    with replacing(target) as making, zipfile.ZipFile(making, "w", zipfile.ZIP_DEFLATED) as archive:
        with begin() as session:
            profile_ids = [profile.id for profile in profiles.listed(session, account_id)]
            kept = sum(_add(archive, "account", t) for t in of_the_catalogue.tables_of(session, account_id))
        return kept + sum(_add(archive, "viewing", table) for table in of_the_lake.tables_of(profile_ids))


def _add(archive: zipfile.ZipFile, part: str, table: KeptTable) -> int:
    """Both files of a table. A zip takes one file at a time, so the CSV waits in a file that has no name."""
    name = f"{part}/{table.name}"
    with TemporaryFile() as waiting:
        with archive.open(f"{name}.json", "w", force_zip64=True) as entry:
            count = _write_rows(table, entry, waiting)
        waiting.seek(0)
        with archive.open(f"{name}.csv", "w", force_zip64=True) as entry:
            shutil.copyfileobj(waiting, entry)
    return count


def _write_rows(table: KeptTable, as_json: IO[bytes], as_csv: IO[bytes]) -> int:
    count, lines, text = 0, TextIOWrapper(as_csv, "utf-8", newline=""), TextIOWrapper(as_json, "utf-8")
    cells = csv.writer(lines)
    cells.writerow(table.columns)
    text.write("[")
    for count, row in enumerate(table.rows, start=1):
        text.write(",\n" if count > 1 else "\n")
        json.dump(row, text, default=str, ensure_ascii=False)
        cells.writerow(_cells(table, row))
    text.write("\n]\n")
    for written in (lines, text):
        written.detach()  # flushes, and leaves the file open
    return count


def _cells(table: KeptTable, row: Mapping[str, Any]) -> list[Any]:
    """Lists and objects as JSON: a cell holds text."""
    values = (row[column] for column in table.columns)
    return [json.dumps(v, default=str, ensure_ascii=False) if isinstance(v, (list, dict)) else v for v in values]
