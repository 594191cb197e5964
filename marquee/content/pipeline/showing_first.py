"""Which ladder a title gets first, so that it can be shown after minutes: a later run makes the wanted one."""

from marquee.catalogue import deliveries, titles
from marquee.catalogue.database import begin

QUICK = "preview"  # few and small renditions


def first_ladder(delivery_id: int, wanted: str, *, quickly: bool) -> str:
    """The quick profile where that is asked for and viewers have nothing of the title yet, else the wanted one.

    A title that is shown keeps its release until the wanted one is there: a quick one would be worse than that.
    """
    if not quickly:
        return wanted
    with begin() as session:
        row, _ = deliveries.accepted(session, delivery_id)
        shown = titles.get(session, row.title_id or 0).current_release_id
    return wanted if shown else QUICK
