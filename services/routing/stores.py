"""All stores of the service, on one database."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class RoutingStores:
    """One store of each kind."""

    assignments: AssignmentStore
    worklist: WorklistStore
    desk: DeskStore
    departments: DepartmentStore
    services: ServiceStore
    staff: StaffCopyStore
    saved_views: SavedViewStore
    reply_templates: ReplyTemplateStore
    rule_sets: RuleSetStore
    rule_versions: RuleVersionStore
    areas: AreaStore
    past_requests: PastRequests
    feed: FeedStore
    progress: ProgressStore
    figures: FigureStore

    @classmethod
    def on(cls, database: Database, clock: ServerClock, settings: Settings) -> "RoutingStores":
        """The stores of a database."""
        marks = {"lease": settings.relay_lease, "settle_after": settings.settle_after}
        assignments = AssignmentStore(database["assignments"], clock, **marks)
        return cls(
            assignments=assignments,
            worklist=WorklistStore(assignments),
            desk=DeskStore(assignments),
            departments=DepartmentStore(database["departments"], clock, **marks),
            services=ServiceStore(database["services"], clock, **marks),
            staff=StaffCopyStore(database["colleagues"], clock, **marks),
            saved_views=SavedViewStore(database["saved_views"], clock, **marks),
            reply_templates=ReplyTemplateStore(database["reply_templates"], clock, **marks),
            rule_sets=RuleSetStore(database["rule_sets"], clock, **marks),
            rule_versions=RuleVersionStore(database),
            areas=AreaStore(database),
            past_requests=PastRequests(database),
            feed=FeedStore(database),
            progress=ProgressStore(database),
            figures=FigureStore(database),
        )

    async def create_indexes(self) -> None:
        """Create the indexes of all stores."""
        for store in vars(self).values():
            if hasattr(store, "create_indexes"):
                await store.create_indexes()
