"""dbt's documentation of models, tests and lineage as one file that needs no other host."""

import shutil

from marquee.contracts.errors import NotFound
from marquee.settings import settings
from marquee.storage import Store
from marquee.viewing.warehouse import dbt
from marquee.viewing.warehouse.build import alone
from marquee.viewing.warehouse.reading import NAME, published

KEY = "dbt-docs/index.html"
POLICY = (
    b'<meta http-equiv="Content-Security-Policy" '
    b"content=\"default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'\">"
)


def docs_site() -> str:
    """Write the page of the published warehouse; returns its key in the warehouse's store.

    Raises NotFound before the first build.
    """
    if not published().is_file():
        raise NotFound("there is no warehouse yet", where=str(published()), expected="a build of the marts before")
    with alone() as scratch:
        shutil.copyfile(published(), scratch / NAME)
        dbt.invoke(scratch / NAME, ["docs", "generate", "--static"], dbt.manifest(scratch / NAME))
        page = (dbt.target() / "static_index.html").read_bytes()
    Store(settings().warehouse).write(KEY, shut_in(page))
    return KEY


def shut_in(page: bytes) -> bytes:
    """The page with a policy by which browsers load nothing from elsewhere: dbt's own may count its visitors.

    Its templates' addresses, which browsers would ask for as they stand, are put where only the script sees them.
    """
    page = page.replace(b"<head>", b"<head>" + POLICY, 1).replace(b'xlink:href="{{', b'ng-attr-href="{{')
    return page.replace(b"${require('./assets/favicons/favicon.ico')}", b"data:,")
