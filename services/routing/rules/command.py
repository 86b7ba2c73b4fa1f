"""The work of `rabta routing`: tries a rule set on past requests or on a table, and imports areas."""

import csv
import json
from pathlib import Path
from typing import Any

from services.routing.directory import Directory
from services.routing.rules.models.area import AreaBody
from services.routing.rules.models.rows import read_rows
from services.routing.rules.models.rule import RuleSetBody
from services.routing.rules.service.in_force import RulesInForce
from services.routing.rules.service.publishing import RulePublishing
from services.routing.rules.service.trying import Move, RuleTrial, RuleTrials
from services.routing.settings import RoutingSettings
from services.routing.stores import RoutingStores
from shared.clock import utc_now
from shared.mongo import Database, ServerClock
from shared.yaml_file import read_yaml

BY_OPERATOR = "operator"


class RuleCommands:
    """Works on the database of routing, as the service does; a trial changes nothing."""

    def __init__(self, database: Database, clock: ServerClock, settings: RoutingSettings) -> None:
        stores = RoutingStores(database, clock, settings)
        self._directory = Directory(stores.departments, stores.services)
        self._in_force = RulesInForce(stores.rule_sets, stores.areas, self._directory, settings.keys)
        self._publishing = RulePublishing(self._in_force, stores.rule_versions)
        self._trials = RuleTrials(self._in_force, stores.past_requests)

    async def try_rules(self, file: Path | None, table: Path | None, last: int) -> RuleTrial:
        """Try the rules of a file (or else the draft, or the rules in force). Raises ValueError."""
        await self._directory.refresh()
        rules = await self._rules(file)
        if table is None:
            return await self._trials.latest(rules, last)
        with table.open(encoding="utf-8-sig", newline="") as text:
            rows = read_rows([{name: cell or "" for name, cell in row.items()} for row in csv.DictReader(text)])
        return await self._trials.rows(rules, rows, 1, utc_now())

    async def _rules(self, file: Path | None) -> list[Any]:
        if file is None:
            return (await self._publishing.get()).rules_to_try
        read = read_yaml(file)
        body = RuleSetBody.model_validate(read if isinstance(read, dict) else {"rules": read})
        await self._publishing.require_known(body)
        return [rule.model_dump(by_alias=True, exclude_none=True) for rule in body.rules]

    async def import_areas(self, text: str) -> list[str]:
        """Import the features of a GeoJSON text; returns their codes. Raises ValueError, KeyError."""
        await self._directory.refresh()
        areas = features_of(json.loads(text))
        await self._in_force.areas.create_indexes()
        for code, body in areas.items():
            await self._publishing.put_area(code, body, BY_OPERATOR)
        return list(areas)


def features_of(collection: dict[str, Any]) -> dict[str, AreaBody]:
    """The areas of a FeatureCollection, by code: `properties` has `code`, and the name as `en` and `ur`.

    Raises ValueError, KeyError.
    """
    found = {}
    for feature in collection["features"]:
        properties = feature["properties"]
        name = {"en": properties["en"], "ur": properties["ur"]}
        found[str(properties["code"])] = AreaBody.model_validate({"name": name, "shape": feature["geometry"]})
    return found


def line_of(move: Move) -> str:
    """One request that would go elsewhere, as a line."""
    situation = move.case.situation
    which = move.case.number or f"row {move.case.row}"
    rule = move.after_rule or "the service's own rules"
    return f"{which}  {situation.service}, {situation.district}: {move.before} -> {move.after}  ({rule})"
