"""Fonts for printed receipts: those of the machine, since none is part of this repository.

Urdu wants a font that has all its letters and joins them; without one, receipts are printed in English only.
"""

from dataclasses import dataclass
from pathlib import Path

import structlog

LATIN = ("NotoSans-Regular.ttf", "DejaVuSans.ttf", "LiberationSans-Regular.ttf")
LATIN_BOLD = ("NotoSans-Bold.ttf", "DejaVuSans-Bold.ttf", "LiberationSans-Bold.ttf")
URDU = (
    "NotoNastaliqUrdu-Regular.ttf",
    "NotoNaskhArabic-Regular.ttf",
    "Amiri-Regular.ttf",
    "amiri-regular.ttf",
    "ScheherazadeNew-Regular.ttf",
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Fonts:
    """The font files to print with; None where the machine has none."""

    latin: Path | None
    bold: Path | None
    urdu: Path | None


def find_fonts(folder: Path) -> Fonts:
    """The fonts of a folder and those below it; says in the log what cannot be printed."""
    files = {file.name: file for file in folder.rglob("*.ttf")} if folder.is_dir() else {}

    def first(names: tuple[str, ...]) -> Path | None:
        return next((files[name] for name in names if name in files), None)

    fonts = Fonts(first(LATIN), first(LATIN_BOLD), first(URDU))
    if fonts.urdu is None or fonts.latin is None:
        log.warning("receipts.english_only", folder=str(folder), hint="install fonts-noto-core")
    return fonts
