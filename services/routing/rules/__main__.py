"""`python -m services.routing.rules try|areas`: what `rabta routing` runs."""

import argparse
import asyncio
import csv
import json
import sys
from pathlib import Path
from typing import Any

import yaml

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
from shared.errors import MistakesError
from shared.log import configure
from shared.mongo import Database, ServerClock, connect
from shared.yaml_file import read_yaml

UNREADABLE = 2
MAX_TRIED = 100_000
BY_OPERATOR = "operator"


async def main(arguments: argparse.Namespace) -> int:
    """Run the command; 2 for a file that cannot be read."""
    configure("routing-rules")
    settings = RoutingSettings()
    async with connect(settings.mongo_url.get_secret_value(), f"{settings.mongo_prefix}_routing") as database:
        clock = ServerClock(database)
        await clock.measure()
        commands = RuleCommands(database, clock, settings)
        try:
            if arguments.command == "areas":
                text = arguments.file.read_text(encoding="utf-8")
                print("imported:", ", ".join(await commands.import_areas(text)))
            else:
                show(await commands.try_rules(arguments.file, arguments.csv, arguments.last))
        except MistakesError as mistakes:
            for error in mistakes.errors("en"):
                print(f"{error['pointer']}: {error['message']}", file=sys.stderr)
            return UNREADABLE
        except (OSError, ValueError, KeyError, yaml.YAMLError) as error:
            print(f"the file cannot be read: {error}", file=sys.stderr)
            return UNREADABLE
    return 0


def show(trial: RuleTrial) -> None:
    """Print the result of a trial."""
    for move in trial.moves:
        print(line_of(move))
    for rule, problem in trial.skipped.items():
        print(f"skipped: {rule} ({problem})")
    print(f"{trial.tried} requests tried, {len(trial.moves)} would go elsewhere")


def request_count(text: str) -> int:
    """The number of requests to try. Raises ValueError."""
    count = int(text)
    if not 1 <= count <= MAX_TRIED:
        raise ValueError("out of range")
    return count


def read_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="rabta routing", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    trying = commands.add_parser("try")
    trying.add_argument("file", type=Path, nargs="?", help="a YAML file with rules; else the draft")
    trying.add_argument("--csv", type=Path, help="a table with requests instead of the latest ones")
    trying.add_argument("--last", type=request_count, default=1000, help="how many of the latest requests")
    areas = commands.add_parser("areas")
    areas.add_argument("file", type=Path, help="a FeatureCollection; each feature has the properties code, en and ur")
    return parser.parse_args()


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


if __name__ == "__main__":
    sys.exit(asyncio.run(main(read_arguments())))
