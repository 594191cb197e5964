"""Characters of CEA-708, section 7.1: the code sets G0 to G3."""

NOTE = 0x7F
EXTENDED = 0x1000  # stands before codes that follow EXT1
G2 = {
    0x20: " ", 0x21: "\u00a0", 0x25: "…", 0x2A: "Š", 0x2C: "Œ", 0x30: "█", 0x31: "‘", 0x32: "’", 0x33: "“", 0x34: "”",
    0x35: "•", 0x39: "™", 0x3A: "š", 0x3C: "œ", 0x3D: "℠", 0x3F: "Ÿ", 0x76: "⅛", 0x77: "⅜", 0x78: "⅝", 0x79: "⅞",
    0x7A: "│", 0x7B: "┐", 0x7C: "└", 0x7D: "─", 0x7E: "┘", 0x7F: "┌",
}  # fmt: skip
G3 = {0xA0: "[CC]"}
UNKNOWN = "_"  # what stands for a character that a decoder does not have (section 7.1.8)


def character(code: int) -> str | None:
    """The character of a code, None for a command. Codes after EXT1 have EXTENDED added."""
    if code == NOTE:
        return "♪"
    if 0x20 <= code < 0x80 or 0xA0 <= code < 0x100:
        return chr(code)
    rest = code - EXTENDED
    if 0x20 <= rest < 0x80 or rest >= 0xA0:
        return (G2 | G3).get(rest, UNKNOWN)
    return None


def wide(pair: bytes) -> str:
    """A character of two bytes (P16), by Unicode."""
    found = pair.decode("utf-16-be", "replace") if len(pair) == 2 else UNKNOWN
    return found if found.isprintable() else UNKNOWN
