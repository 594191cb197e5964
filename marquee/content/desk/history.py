"""Takes changes of titles back, whatever they were of."""

from marquee.catalogue import title_versions
from marquee.catalogue.database import begin
from marquee.content.desk import artwork, editing
from marquee.content.desk.editing import Changed
from marquee.content.desk.pictures import FIELD


def undo(title_id: int, version: int | None, undone: int, *, actor: str) -> Changed:
    """Take back the change that made the version `undone`. Raises what `editing.undo` and `artwork.undo` raise."""
    with begin() as session:
        row = title_versions.get(session, title_id, undone)
        of_pictures = bool(row.changed) and all(name.startswith(FIELD) for name in row.changed)
    use_case = artwork.undo if of_pictures else editing.undo
    return use_case(title_id, version, undone, actor=actor)
