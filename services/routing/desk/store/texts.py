"""The collections of saved views and reply templates."""

from services.routing.desk.models.reply_templates import ReplyTemplates
from services.routing.desk.models.saved_views import SavedViews
from shared.mongo import RecordStore


class SavedViewStore(RecordStore[SavedViews]):
    """`routing.saved_views`."""

    kind = SavedViews


class ReplyTemplateStore(RecordStore[ReplyTemplates]):
    """`routing.reply_templates`."""

    kind = ReplyTemplates
