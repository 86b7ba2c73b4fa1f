"""Fonts for printed receipts: the machine's where it has good ones, else Amiri, which comes with our dependencies.

Urdu wants a font that has all its letters and joins them, and Nastaliq is the hand that its readers are used to.
"""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

LATIN = ("NotoSans-Regular.ttf", "DejaVuSans.ttf", "LiberationSans-Regular.ttf")
LATIN_BOLD = ("NotoSans-Bold.ttf", "DejaVuSans-Bold.ttf", "LiberationSans-Bold.ttf")
URDU = ("NotoNastaliqUrdu-Regular.ttf", "NotoNaskhArabic-Regular.ttf", "ScheherazadeNew-Regular.ttf")
AMIRI = Path(str(resources.files("fontpkg_amiri"))) / "files"
"""Has Latin letters too."""


@dataclass(frozen=True)
class Fonts:
    """The font files to print with."""

    latin: Path
    bold: Path
    urdu: Path

    @property
    def tall(self) -> bool:
        """Whether lines of Urdu need the room that Nastaliq's slanting words take."""
        return "Nastaliq" in self.urdu.name


def find_fonts(folder: Path) -> Fonts:
    """The fonts of a folder and those below it, and Amiri for what it has not."""
    files = {file.name: file for file in folder.rglob("*.ttf")} if folder.is_dir() else {}

    def first(names: tuple[str, ...], otherwise: str) -> Path:
        return next((files[name] for name in names if name in files), AMIRI / otherwise)

    return Fonts(
        latin=first(LATIN, "Amiri-Regular.ttf"),
        bold=first(LATIN_BOLD, "Amiri-Bold.ttf"),
        urdu=first(URDU, "Amiri-Regular.ttf"),
    )
