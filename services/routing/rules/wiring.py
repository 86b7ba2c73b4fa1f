"""Creates the parts of this room."""

from typing import Any

from services.routing.directory import Directory
from services.routing.rules.service.areas import AreaAdmin
from services.routing.rules.service.in_force import RulesInForce
from services.routing.rules.service.publishing import RulePublishing
from services.routing.rules.service.trying import RuleTrials
from services.routing.rules.service.views import RuleViews
from services.routing.rules.store import AreaStore, PastRequests, RuleSetStore, RuleVersionStore
from services.routing.service.colleagues import StaffNames
from shared.mongo import Database, ServerClock
from shared.seal import KeyRing


class RuleRoom:
    """The rule set: applied by routing, managed by administrators."""

    def __init__(
        self, database: Database, clock: ServerClock, marks: dict[str, float], directory: Directory, keys: KeyRing
    ) -> None:
        self.store = RuleSetStore(database["rule_sets"], clock, **marks)
        self.areas = AreaStore(database)
        self._directory = directory
        self._archive = RuleVersionStore(database)
        self._past = PastRequests(database)
        self.in_force = RulesInForce(self.store, self.areas, directory, keys)
        self.publishing = RulePublishing(self.store, self._archive, self.areas, directory, self.in_force)
        self.trials = RuleTrials(self._past, self.areas, directory, self.in_force)

    async def create_indexes(self) -> None:
        """Create the indexes of its collections."""
        await self.store.create_indexes()
        await self.areas.create_indexes()

    def use_cases(self, colleagues: StaffNames) -> dict[str, Any]:
        """What the routes use, by name."""
        return {
            "rule_publishing": self.publishing,
            "rule_trials": self.trials,
            "rule_views": RuleViews(self._directory, self.areas, colleagues),
            "areas": AreaAdmin(self.areas, self.in_force),
        }
