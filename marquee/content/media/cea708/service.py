"""Decodes one caption service of CEA-708 (section 8.10): commands make windows, and windows cues.

Of a window that text is added to, by paint-on or roll-up, there is one cue from its first character until text is taken
away from it.
"""

from collections.abc import Callable, Iterable, Iterator

from marquee.content.media.cea708.characters import EXTENDED, character, wide
from marquee.content.media.cea708.window import Anchor, Window
from marquee.content.media.cues import Cue
from marquee.tools.closed_captions import Block

BACKSPACE, FORM_FEED, RETURN, CLEAR_ROW, EXT1, P16 = 0x08, 0x0C, 0x0D, 0x0E, 0x10, 0x18
CURRENT, DEFINE = 0x80, 0x98  # of window 0; the seven codes that follow are of the others
CLEAR, DISPLAY, HIDE, TOGGLE, DELETE = range(0x88, 0x8D)
DELAY, CANCEL_DELAY, RESET = 0x8D, 0x8E, 0x8F
PEN_ATTRIBUTES, PEN_LOCATION = 0x90, 0x92
PARAMETERS = {  # bytes after a command; none after the others of C1
    **dict.fromkeys((CLEAR, DISPLAY, HIDE, TOGGLE, DELETE, DELAY), 1),
    PEN_ATTRIBUTES: 2,
    0x91: 3,  # pen colours
    PEN_LOCATION: 2,
    0x97: 4,  # window attributes
    **dict.fromkeys(range(DEFINE, DEFINE + 8), 6),
}
WINDOWS = range(8)
ITALIC = 0x80


class Service:
    """The state of a service and the cues that came of it so far. Times in seconds."""

    def __init__(self) -> None:
        self.cues: list[Cue] = []
        self._windows: dict[int, Window] = {}
        self._current = 0
        self._shown: dict[int, tuple[float, Window, int, Cue]] = {}
        self._held_s = 0.0  # till when a delay holds back what follows it

    def take(self, block: Block) -> None:
        """Carry out a block's commands."""
        for code, parameters in _codes(block.data):
            at_s = max(block.at_s, self._held_s)
            if code == DELAY:
                self._note(at_s)
                self._held_s = at_s + parameters[0] / 10
            elif code in (CANCEL_DELAY, RESET):
                self._held_s = 0.0
            self._carry_out(code, parameters)
        self._note(max(block.at_s, self._held_s))

    def end(self, at_s: float) -> list[Cue]:
        """All cues in the order of their beginnings; what is still shown ends here."""
        self._windows.clear()
        self._note(at_s)
        return sorted(self.cues, key=lambda cue: cue.start_ms)

    def _carry_out(self, code: int, parameters: bytes) -> None:
        window = self._windows.get(self._current)
        if code in range(CURRENT, CURRENT + 8):
            self._current = code - CURRENT
        elif code in range(DEFINE, DEFINE + 8):
            self._define(code - DEFINE, parameters)
        elif code == DELETE or code in OF_MANY:
            self._of_many(code, parameters[0])
        elif code == RESET:
            self._windows.clear()
        elif window:
            _write(window, code, parameters)

    def _define(self, number: int, parameters: bytes) -> None:
        """A window that is there already keeps its text."""
        self._current = number
        flags, vertical, horizontal, point, _columns, _styles = parameters
        anchor = Anchor(point >> 4, vertical & 0x7F, horizontal, relative=bool(vertical & 0x80))
        rows, visible = (point & 0x0F) + 1, bool(flags & 0x20)
        known = self._windows.get(number)
        if known is None or known.rows != rows:
            self._windows[number] = Window(rows, anchor, visible)
        else:
            known.anchor, known.visible = anchor, visible

    def _of_many(self, code: int, bitmap: int) -> None:
        for number in (n for n in WINDOWS if bitmap >> n & 1 and n in self._windows):
            if act := OF_MANY.get(code):
                act(self._windows[number])
            else:
                del self._windows[number]

    def _note(self, at_s: float) -> None:
        """What is seen from now on."""
        for number in WINDOWS:
            window = self._windows.get(number)
            text = window.text if window else ""
            if (last := self._shown.get(number)) and (last[3].text, last[1]) == (text, window):
                continue
            begun_s = at_s
            if last:
                grows = text and last[1] is window and last[2] == window.edition
                begun_s = last[0] if grows else at_s
                if not grows:
                    self.cues.append(_until(last[3], max(at_s, last[0])))
                del self._shown[number]
            if window and text:
                cue = Cue(round(1000 * begun_s), 0, text, window.anchor.settings)
                self._shown[number] = (begun_s, window, window.edition, cue)


def _until(cue: Cue, at_s: float) -> Cue:
    return Cue(cue.start_ms, round(1000 * at_s), cue.text, cue.settings)


def _display(window: Window) -> None:
    window.visible = True


def _hide(window: Window) -> None:
    window.visible = False


def _toggle(window: Window) -> None:
    window.visible = not window.visible


OF_MANY: dict[int, Callable[[Window], None]] = {
    CLEAR: Window.clear,
    DISPLAY: _display,
    HIDE: _hide,
    TOGGLE: _toggle,
}


def _write(window: Window, code: int, parameters: bytes) -> None:
    """What a code does to the window that is written to."""
    if said := wide(parameters) if code == P16 else character(code):
        window.write(said)
    elif code == PEN_LOCATION:
        window.move(parameters[0] & 0x0F, parameters[1] & 0x3F)
    elif code == PEN_ATTRIBUTES:
        window.italic = bool(parameters[1] & ITALIC)
    elif act := PLAIN.get(code):
        act(window)


def _form_feed(window: Window) -> None:
    window.clear()
    window.move(0, 0)


PLAIN: dict[int, Callable[[Window], None]] = {
    BACKSPACE: Window.back,
    FORM_FEED: _form_feed,
    RETURN: Window.new_line,
    CLEAR_ROW: Window.clear_row,
}


def _codes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Codes with their parameters; those after EXT1 with EXTENDED added. What ends too early is left out."""
    offset = 0
    while offset < len(data):
        code, offset = data[offset], offset + 1
        if code == EXT1 and offset < len(data):
            code, offset = EXTENDED + data[offset], offset + 1
        size = _parameters(code, data[offset : offset + 1])
        if offset + size <= len(data):
            yield code, data[offset : offset + size]
        offset += size


def _parameters(code: int, following: bytes) -> int:
    """How many bytes belong to a code (section 7.1.10)."""
    if code < 0x20 or EXTENDED <= code < EXTENDED + 0x20:
        steps = (0, 0, 1, 2) if code < 0x20 else (0, 1, 2, 3)
        return steps[(code & 0x1F) >> 3]
    if EXTENDED + 0x80 <= code < EXTENDED + 0xA0:
        fixed = {0x80: 4, 0x88: 5}.get(code & 0xF8)
        return fixed if fixed is not None else 1 + (following[0] & 0x3F if following else 0)
    return PARAMETERS.get(code, 0)


def cues(blocks: Iterable[Block], number: int, end_s: float) -> list[Cue]:
    """The cues of one service. `end_s` is where the picture ends."""
    service = Service()
    for block in blocks:
        if block.service == number:
            service.take(block)
    return service.end(end_s)
