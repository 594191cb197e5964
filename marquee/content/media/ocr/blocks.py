"""The blocks of text on a screen: cut out, told apart, prepared for reading."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from marquee.content.media.ocr.decode import Pixels

APART = 0.1  # of the screen's height: text this far from other text is a block of its own
LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
DARK = 96  # text whose brightest part is darker is dark text
SOFTENING = 1.2  # pixels (sigma): drawn letters have steps for edges, which Tesseract takes for serifs
PADDING = 15  # pixels of paper around the text; Tesseract misses letters at the edge
SHOWN_SIZE, COLOURS = (480, 160), 8  # of the pictures for people
LEAST_HEIGHT = 20  # pixels of a block; smaller ones are enlarged


@dataclass(frozen=True)
class Block:
    """Text on the screen: its pixels, and its box as shares of the screen."""

    pixels: Pixels
    left: float
    top: float
    right: float
    bottom: float


def blocks(screen: Pixels) -> Iterator[Block]:
    """The blocks of a screen from top to bottom."""
    height, width = screen.shape[:2]
    rows = np.flatnonzero(screen[..., 3].any(axis=1))
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > APART * height) + 1):
        top, bottom = int(run[0]), int(run[-1]) + 1
        columns = np.flatnonzero(screen[top:bottom, :, 3].any(axis=0))
        left, right = int(columns[0]), int(columns[-1]) + 1
        yield Block(screen[top:bottom, left:right], left / width, top / height, right / width, bottom / height)


def ink(pixels: Pixels) -> NDArray[np.uint8]:
    """Dark text on white paper, rows × columns, of light text or dark text with an outline of the opposite."""
    opacity = pixels[..., 3] / 255
    light = pixels[..., :3] @ LUMA
    on_black: NDArray[np.float64] = light * opacity
    dark_text = on_black.max() < DARK
    paper = 255 - (255 - light) * opacity if dark_text else 255 - on_black
    return np.asarray(paper.round(), dtype=np.uint8)


def prepared(pixels: Pixels) -> Image.Image:
    """A block as Tesseract reads it best."""
    text = Image.fromarray(ink(pixels))
    if text.height < LEAST_HEIGHT:
        text = text.resize((text.width * 2, text.height * 2), Image.Resampling.LANCZOS)
    paper = Image.new("L", (text.width + 2 * PADDING, text.height + 2 * PADDING), 255)
    paper.paste(text, (PADDING, PADDING))
    return paper.filter(ImageFilter.GaussianBlur(SOFTENING))


def shown(pixels: Pixels) -> Image.Image:
    """A block as a viewer sees it, on grey, small and in few colours: for people who compare it with the words."""
    picture = Image.fromarray(pixels)
    ground = Image.new("RGBA", picture.size, (96, 96, 96, 255))
    seen = Image.alpha_composite(ground, picture).convert("RGB")
    seen.thumbnail(SHOWN_SIZE, Image.Resampling.BOX)
    return seen.quantize(COLOURS, dither=Image.Dither.NONE)
