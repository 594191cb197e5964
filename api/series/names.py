"""What a series is called in the viewer's language; by its slug where nothing is said of it."""

from api.deps import pick_language
from marquee.catalogue.series import SeriesNames, readable


def series_name(slug: str, named: SeriesNames | None, languages: tuple[str, ...]) -> str:
    """In the language wanted most of those that there are, else the original one."""
    if named is None:
        return readable(slug)
    return named.names[pick_language(languages, list(named.names)) or named.language]
