"""All stores of the service, on one database."""

from services.routing.desk.store.desk import DeskStore, ReplyTemplateStore, SavedViewStore
from services.routing.feed.store import FeedStore
from services.routing.figures.store import FigureStore
from services.routing.rules.store import AreaStore, PastRequests, RuleSetStore, RuleVersionStore
from services.routing.store.assignments import AssignmentStore
from services.routing.store.departments import DepartmentStore, ServiceStore, StaffCopyStore
from services.routing.store.worklist import WorklistStore
from services.routing.subscriptions.store import ProgressStore
from shared.mongo import Database, ServerClock
from shared.settings import Settings


class RoutingStores:
    """One store of each kind."""

    def __init__(self, database: Database, clock: ServerClock, settings: Settings) -> None:
        marks = {"lease": settings.relay_lease, "settle_after": settings.settle_after}
        self.assignments = AssignmentStore(database["assignments"], clock, **marks)
        self.worklist = WorklistStore(self.assignments)
        self.desk = DeskStore(self.assignments)
        self.departments = DepartmentStore(database["departments"], clock, **marks)
        self.services = ServiceStore(database["services"], clock, **marks)
        self.staff = StaffCopyStore(database["colleagues"], clock, **marks)
        self.saved_views = SavedViewStore(database["saved_views"], clock, **marks)
        self.reply_templates = ReplyTemplateStore(database["reply_templates"], clock, **marks)
        self.rule_sets = RuleSetStore(database["rule_sets"], clock, **marks)
        self.rule_versions = RuleVersionStore(database)
        self.areas = AreaStore(database)
        self.past_requests = PastRequests(database)
        self.feed = FeedStore(database)
        self.progress = ProgressStore(database)
        self.figures = FigureStore(database)

    async def create_indexes(self) -> None:
        """Create the indexes of all stores."""
        for store in vars(self).values():
            if hasattr(store, "create_indexes"):
                await store.create_indexes()
