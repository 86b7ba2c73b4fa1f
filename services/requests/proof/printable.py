"""What a printed receipt contains, and the fonts to print it with. `paper` draws it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path

Both = tuple[str, str]
"""A text in English and Urdu."""
LATIN = ("NotoSans-Regular.ttf", "DejaVuSans.ttf", "LiberationSans-Regular.ttf")
LATIN_BOLD = ("NotoSans-Bold.ttf", "DejaVuSans-Bold.ttf", "LiberationSans-Bold.ttf")
URDU = ("NotoNastaliqUrdu-Regular.ttf", "NotoNaskhArabic-Regular.ttf", "ScheherazadeNew-Regular.ttf")
AMIRI = Path(str(resources.files("fontpkg_amiri"))) / "files"
"""It contains Latin letters too."""


@dataclass(frozen=True)
class Fonts:
    """The font files to print with."""

    latin: Path
    bold: Path
    urdu: Path

    @property
    def tall(self) -> bool:
        """Whether Urdu needs the higher lines of Nastaliq."""
        return "Nastaliq" in self.urdu.name


def find_fonts(folder: Path) -> Fonts:
    """The fonts in a folder and its subfolders, with Amiri for missing ones."""
    files = {file.name: file for file in folder.rglob("*.ttf")} if folder.is_dir() else {}

    def first(names: tuple[str, ...], otherwise: str) -> Path:
        return next((files[name] for name in names if name in files), AMIRI / otherwise)

    return Fonts(
        latin=first(LATIN, "Amiri-Regular.ttf"),
        bold=first(LATIN_BOLD, "Amiri-Bold.ttf"),
        urdu=first(URDU, "Amiri-Regular.ttf"),
    )


@dataclass(frozen=True)
class Printed:
    """The content of the page, without personal data; texts as (English, Urdu)."""

    number: str
    service: Both
    kind: str
    submitted_at: datetime
    district: Both
    checks: Sequence[tuple[bool, Both]]
    receipt: str
    url: str

    @property
    def proof_address(self) -> str:
        """The address that checks the receipt, with the receipt in it."""
        return f"{self.url}/prove?receipt={self.receipt}"
