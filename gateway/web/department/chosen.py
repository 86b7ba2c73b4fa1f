"""The requests that an officer chose in the list, and one action on all of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from gateway.web.department.filters import Filter
from gateway.web.forms.form import Form
from gateway.web.visit import Visit

CHOSEN = re.compile(r'(RB-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]) ("[0-9]{1,9}")')
MAX_CHOSEN = 100
BULK = "/api/v1/assignments/bulk"


@dataclass(frozen=True, slots=True)
class ChosenRow:
    """A request in the revision that the list showed."""

    number: str
    revision: str

    @property
    def value(self) -> str:
        """The value of its box in a form."""
        return f"{self.number} {self.revision}"


def chosen_of(form: Form) -> list[ChosenRow]:
    """The chosen requests, each once, at most as many as one call takes."""
    found = {match[1]: match[2] for text in form.values("r") if (match := CHOSEN.fullmatch(text))}
    return [ChosenRow(number, revision) for number, revision in list(found.items())[:MAX_CHOSEN]]


async def act_on_all(visit: Visit, act: Mapping[str, Any], chosen: Sequence[ChosenRow]) -> list[Mapping[str, Any]]:
    """The result of each request. Raises RefusedError if the action itself is refused."""
    requests = [{"number": one.number, "etag": one.revision} for one in chosen]
    results: list[Mapping[str, Any]] = (await visit.portal.post(BULK, {"act": act, "requests": requests})).data[
        "results"
    ]
    return results


def list_of(form: Form) -> dict[str, str]:
    """The address of the list from which the officer came."""
    filters = Filter.of(dict(parse_qsl(form.value("back"))))
    return filters.address(cursor=filters.cursor)
