"""A caption window of CEA-708 (section 8.4): rows of characters at a place of the screen, shown or not."""

import html
from dataclasses import dataclass, field
from itertools import groupby

ROWS_OF_SCREEN, COLUMNS_OF_SCREEN = 75, 210  # of 16:9, that anchors count in (section 8.2)
SAFE, MARGIN = 80, 10  # per cent of the picture: captions lie within the safe title area
LINE = ("", ",center", ",end")
POSITION = ("line-left", "center", "line-right")
ALIGN = ("left", "center", "right")

Row = dict[int, tuple[str, bool]]
"""Characters by their column, and whether they are italic."""


@dataclass(frozen=True)
class Anchor:
    """Which of a window's nine points lies where: 0 is its upper left, 2 its upper right, 8 its lower right corner."""

    point: int
    vertical: int
    horizontal: int
    relative: bool  # in per cent of the safe area

    @property
    def settings(self) -> str:
        """WebVTT's for this place."""
        rows, columns = (100, 100) if self.relative else (ROWS_OF_SCREEN, COLUMNS_OF_SCREEN)
        top, left = (MARGIN + round(SAFE * at / of) for at, of in ((self.vertical, rows), (self.horizontal, columns)))
        down, across = divmod(min(self.point, 8), 3)
        return f"line:{top}%{LINE[down]} position:{left}%,{POSITION[across]} align:{ALIGN[across]}"


@dataclass(eq=False)
class Window:
    """What is written is kept while it is hidden. `edition` counts how often text was taken away."""

    rows: int
    anchor: Anchor
    visible: bool
    edition: int = 0
    row: int = 0
    column: int = 0
    italic: bool = False
    written: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.written = [{} for _ in range(self.rows)]

    def write(self, character: str) -> None:
        self.written[self.row][self.column] = (character, self.italic)
        self.column += 1

    def move(self, row: int, column: int) -> None:
        self.row, self.column = min(row, self.rows - 1), column

    def back(self) -> None:
        self.column = max(0, self.column - 1)
        self.written[self.row].pop(self.column, None)

    def new_line(self) -> None:
        """The next row; at the last one all move up."""
        self.column = 0
        if self.row + 1 < self.rows:
            self.row += 1
            return
        self.edition += bool(self.written.pop(0))
        self.written.append({})

    def clear_row(self) -> None:
        self.edition += bool(self.written[self.row])
        self.written[self.row], self.column = {}, 0

    def clear(self) -> None:
        self.edition += any(map(bool, self.written))
        self.written = [{} for _ in range(self.rows)]

    @property
    def text(self) -> str:
        """As WebVTT has it, without empty rows; nothing while it is hidden."""
        lines = map(_line, self.written) if self.visible else ()
        return "\n".join(line for line in lines if line)


def _line(row: Row) -> str:
    """A row's characters with blanks where there are none between them."""
    if not row:
        return ""
    cells = [row.get(column, (" ", False)) for column in range(min(row), max(row) + 1)]
    parts = (("".join(c for c, _ in group), italic) for italic, group in groupby(cells, key=lambda cell: cell[1]))
    return "".join(_marked(text, italic=italic) for text, italic in parts).strip()


def _marked(text: str, *, italic: bool) -> str:
    escaped = html.escape(text, quote=False)
    return f"<i>{escaped}</i>" if italic and text.strip() else escaped
