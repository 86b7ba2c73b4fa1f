"""`python -m services.routing.rules try|areas`: what `rabta routing` runs."""

import argparse
import asyncio
import sys
from pathlib import Path

import yaml

from services.routing.rules.command import RuleCommands, line_of
from services.routing.rules.service.trying import RuleTrial
from services.routing.settings import RoutingSettings
from shared.errors import MistakesError
from shared.log import configure
from shared.mongo import ServerClock, connect

UNREADABLE = 2
MAX_TRIED = 100_000


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


if __name__ == "__main__":
    sys.exit(asyncio.run(main(read_arguments())))
