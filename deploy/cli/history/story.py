"""What the invented city is like: its departments, people, services and words, and chances drawn from them."""

import hashlib
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import exp
from pathlib import Path
from typing import Any, TypeVar

from shared.clock import PAKISTAN
from shared.yaml_file import read_yaml

DAYS = 90
SEED = 2611
RECENT, RECENT_DAYS = 2, 3
"""How many requests of each service came in the last days, so that every worklist has new ones."""
BY_HOUR = {7: 2, 8: 4, 9: 7, 10: 8, 11: 8, 12: 6, 13: 4, 14: 4, 15: 4, 16: 5, 17: 5, 18: 5, 19: 5, 20: 5, 21: 4, 22: 2}
"""How many requests come at which hour."""
BY_WEEKDAY = (1.3, 1.15, 1.05, 1.0, 0.8, 0.8, 0.6)
"""From Monday on."""
T = TypeVar("T")


class CityStory:
    """The city, and its dice: the same story each time, up to the present moment."""

    def __init__(self, now: datetime, days: int = DAYS) -> None:
        here = Path(__file__)
        self.now, self.days = now, days
        self.services: dict[str, Any] = read_yaml(here.with_name("services.yaml"))
        self.city: dict[str, Any] = read_yaml(here.with_name("city.yaml"))
        self.random = random.Random(SEED)

    def filings(self) -> list[tuple[datetime, str]]:
        """When what is filed, the first first."""
        found = [
            (self._moment(service["season"]), code)
            for code, service in self.services.items()
            for _ in range(service["weight"])
        ]
        found += [(self.now - self.days_of(0.1, RECENT_DAYS), code) for code in self.services for _ in range(RECENT)]
        return sorted(one for one in found if one[0] < self.now)

    def _moment(self, season: Mapping[str, float]) -> datetime:
        days = range(self.days)
        weights = [self.between(season, day / self.days) * BY_WEEKDAY[self._day(day).weekday()] for day in days]
        [day] = self.random.choices(days, weights)
        [hour] = self.random.choices(list(BY_HOUR), list(BY_HOUR.values()))
        return self._day(day).replace(hour=hour, minute=self.random.randrange(60), second=self.random.randrange(60))

    def _day(self, day: int) -> datetime:
        return self.now.astimezone(PAKISTAN) - timedelta(days=self.days - 1 - day)

    @staticmethod
    def between(change: Mapping[str, float], part: float) -> float:
        """A value that changes from `first` to `last`, when this part of the time has passed."""
        return change["first"] + (change["last"] - change["first"]) * part

    def part_at(self, at: datetime) -> float:
        """The part of the time that had passed then."""
        return min(1.0, max(0.0, 1 - (self.now - at) / timedelta(days=self.days)))

    def chance(self, share: float) -> bool:
        """Whether something happens that happens so often."""
        return self.random.random() < share

    def one_of(self, choices: Sequence[T]) -> T:
        """One of these."""
        return self.random.choice(choices)

    def days_of(self, least: float, most: float) -> timedelta:
        """A time between so many days."""
        return timedelta(days=self.random.uniform(least, most))

    def part_of_time(self, department: str, at: datetime) -> float:
        """The part of the time until the due date that a department takes; more than 1 is late."""
        profile = self.city["departments"].get(department, {"pace": 0.8, "first": 1, "last": 1})
        pace: float = profile["pace"] * self.between(profile, self.part_at(at))
        return pace * exp(self.random.gauss(-0.12, 0.5))

    def profile(self, department: str, name: str) -> float:
        """How often something happens at a department."""
        return float(self.city["departments"].get(department, {}).get(name, 0.1))

    def person(self) -> tuple[str, str]:
        """The account and name of an invented citizen."""
        n = self.random.randrange(180)
        names = self.city["people"]
        return account_of(n), names[n % len(names)]

    def filing(self, code: str, at: datetime) -> dict[str, Any]:
        """The body of a filing."""
        service, districts = self.services[code], self.city["districts"]
        [district] = self.random.choices(list(districts), [one["weight"] for one in districts.values()])
        here = districts[district]
        language = "ur" if self.chance(0.45) else "en"
        place = self.one_of(here["places"])
        point = {name: round(here[name] + self.random.uniform(-0.03, 0.03), 5) for name in ("latitude", "longitude")}
        answers = {name: self._day_in(value, at) for name, value in service["answers"].items()}
        if service.get("asks_place", True):
            answers["place"] = place
        return {
            "service": code,
            "place": {"district": district, "address": place, **(point if self.chance(0.6) else {})},
            "answers": {**answers, "description": self.one_of(service[language])},
        }

    @staticmethod
    def _day_in(value: object, at: datetime) -> object:
        if not isinstance(value, str) or not value.startswith("{ago-"):
            return value
        return (at.astimezone(PAKISTAN) - timedelta(days=int(value[5:-1]))).date().isoformat()

    def words(self, name: str) -> str:
        """One of the texts of this name."""
        return str(self.one_of(self.city[name]))

    def reply(self, outcome: str, place: str) -> str:
        """A department's reply."""
        return str(self.one_of(self.city["replies"][outcome])).replace("{place}", place)


def account_of(n: int) -> str:
    """The account of an invented citizen."""
    return hashlib.blake2b(f"history/{n}".encode(), digest_size=16).hexdigest()
