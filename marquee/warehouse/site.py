"""dbt's documentation of the models, their columns, tests and lineage: one page that asks no other server for anything."""

import re
import shutil

from marquee.contracts.errors import NotFound
from marquee.settings import settings
from marquee.storage import Store
from marquee.warehouse import dbt
from marquee.warehouse.build import alone
from marquee.warehouse.reading import NAME, published

KEY = "dbt-docs/index.html"
OUTSIDE = re.compile(rb"<(?:link|script)\b[^>]*?(?:href|src)=[\"']?(?:https?:)?//[^>]*>(?:\s*</script>)?")


def docs_site() -> str:
    """Write the page of the published warehouse; returns its key in the warehouse's store.

    Raises NotFound before the first build.
    """
    if not published().is_file():
        raise NotFound("there is no warehouse yet", where=str(published()), expected="a build of the marts before")
    with alone() as scratch:
        shutil.copyfile(published(), scratch / NAME)
        dbt.invoke(scratch / NAME, ["docs", "generate", "--static"])
        page = (dbt.target() / "static_index.html").read_bytes()
    Store(settings().warehouse).write(KEY, without_outside(page))
    return KEY


def without_outside(page: bytes) -> bytes:
    """The page without style sheets and scripts of other servers."""
    return OUTSIDE.sub(b"", page)
