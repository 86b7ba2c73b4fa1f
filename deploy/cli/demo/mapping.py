"""The mappings of cities' columns: a YAML file for each kind of file, chosen by the header line."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from deploy.local.errors import LocalError
from deploy.local.home import ROOT
from shared.yaml_file import read_yaml

FOLDER = ROOT / "deploy" / "demo"
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", min_length=2, max_length=30)]


class MappingPart(BaseModel):
    """A part of a mapping, without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CodedName(MappingPart):
    """A city or a department: code and names."""

    code: Slug
    en: str
    ur: str


class Columns(MappingPart):
    """The columns; None if the city does not publish one."""

    id: str
    department: str
    department_name: str | None = None
    category: str
    type: str
    details: list[str] = []
    opened: str
    due: str | None = None
    closed: str
    status: str
    words: str
    latitude: str | None = None
    longitude: str | None = None
    channel: str | None = None


class CityMapping(MappingPart):
    """A kind of file. `address` are groups of columns: the first group with a value in its first column is used."""

    city: CodedName
    header: Annotated[list[str], Field(min_length=1)]
    dates: str
    columns: Columns
    address: list[Annotated[list[str], Field(min_length=1)]] = []
    nothing: list[str] = []
    """Values that count as empty."""
    closed_is: Annotated[list[str], Field(min_length=1)]
    no_pin: list[tuple[float, float]] = []
    before_words: str = ""
    """A regular expression for the text before the reply of the person who closed it."""
    not_granted: list[str] = []
    """Texts that say that nothing was done for a request."""
    departments: dict[str, CodedName] = {}

    @field_validator("before_words")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
        return value

    def fits(self, header: Sequence[str]) -> bool:
        """Whether this mapping fits a header line."""
        return set(self.header) <= set(header)

    def needed(self) -> list[str]:
        """The required columns."""
        c = self.columns
        return [c.id, c.department, c.category, c.type, c.opened, c.closed, c.status, c.words]


def read_mapping(file: Path) -> CityMapping:
    """The mapping in a file. Raises LocalError with the file and its mistake."""
    try:
        return CityMapping.model_validate(read_yaml(file))
    except (ValidationError, yaml.YAMLError, OSError) as error:
        raise LocalError(f"{file}: {error}") from None


def choose_mapping(header: Sequence[str], name: str | None = None, folder: Path = FOLDER) -> CityMapping:
    """The mapping with a name, otherwise the one that fits the header line. Raises LocalError."""
    known = {file.stem: file for file in sorted(folder.glob("*.yaml"))}
    if name is not None:
        if name not in known:
            raise LocalError(f"no mapping is called {name}: there are {', '.join(known)}")
        mapping = read_mapping(known[name])
        if missing := [column for column in mapping.needed() if column not in header]:
            raise LocalError(f"the mapping {name} needs the columns {', '.join(missing)}")
        return mapping
    fitting = [mapping for mapping in map(read_mapping, known.values()) if mapping.fits(header)]
    if not fitting:
        raise LocalError(f"no mapping fits this header line: there are {', '.join(known)} (add one in {folder})")
    return fitting[0]
