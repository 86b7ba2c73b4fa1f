"""`requests.colleagues`: what those who work here are called."""

from services.requests.request.models.colleague import Colleague
from shared.mongo import RecordStore


class ColleagueStore(RecordStore[Colleague]):
    """`requests.colleagues`."""

    kind = Colleague
