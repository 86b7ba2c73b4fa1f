"""What the notifier keeps in MongoDB: one file for each collection."""

from services.notifier.store.contacts import ContactStore
from services.notifier.store.followers import FollowerStore
from services.notifier.store.notifications import TO_FOLLOWERS, NotificationStore
from services.notifier.store.officers import MarkStore, StaffContactStore, WorkItemStore

__all__ = [
    "TO_FOLLOWERS",
    "ContactStore",
    "FollowerStore",
    "MarkStore",
    "NotificationStore",
    "StaffContactStore",
    "WorkItemStore",
]
