"""The rule set in force and its draft, one record; earlier versions are archived (docs/adr/0017)."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.errors import ConflictError
from shared.records import Record

RULE_SET = "routing"
"""The id of the one record."""


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A published version."""

    number: int
    text: str
    published_at: datetime | None
    published_by: str | None

    @property
    def rules(self) -> list[Any]:
        """Its rules in their order."""
        return rules_of(self.text)


@dataclass(kw_only=True)
class RuleSet(Record):
    """The one document of `rule_sets`; version 0 stands for none yet. Rules are kept as JSON text."""

    version: int = 0
    text: str = "[]"
    published_at: datetime | None = None
    published_by: str | None = None
    draft: dict[str, Any] = field(default_factory=dict)
    """{"text", "tried", "by", "at"}; empty without a draft."""

    @property
    def in_force(self) -> RuleVersion:
        """The version in force."""
        return RuleVersion(self.version, self.text, self.published_at, self.published_by)

    @property
    def draft_rules(self) -> list[Any] | None:
        """The rules of the draft; None without a draft."""
        return rules_of(self.draft["text"]) if self.draft else None

    @property
    def rules_to_try(self) -> list[Any]:
        """The rules of the draft; without a draft those in force."""
        return self.in_force.rules if self.draft_rules is None else self.draft_rules

    def write_draft(self, text: str, by: str, at: datetime) -> None:
        """Start or replace the draft; it must be tried again."""
        self.draft = {"text": text, "tried": False, "by": by, "at": at}

    def note_tried(self, text: str) -> bool:
        """Note that the draft was tried; False if it is another one by now, or was tried before."""
        if self.draft.get("text") != text or self.draft["tried"]:
            return False
        self.draft = {**self.draft, "tried": True}
        return True

    def discard_draft(self) -> None:
        """Throw the draft away."""
        self.draft = {}

    def publish(self, by: str, at: datetime) -> None:
        """Put the tried draft in force; the version before must be archived already. Raises ConflictError."""
        if not self.draft or not self.draft["tried"]:
            raise ConflictError("rules-not-tried")
        self.version, self.text = self.version + 1, self.draft["text"]
        self.published_at, self.published_by, self.draft = at, by, {}


def rules_of(text: str) -> list[Any]:
    """The rules in a stored text."""
    rules: list[Any] = json.loads(text)
    return rules
