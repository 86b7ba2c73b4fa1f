"""`requests.citizens`: the copies of citizens."""

from services.requests.models.request import CitizenCopy
from shared.mongo import RecordStore


class CitizenStore(RecordStore[CitizenCopy]):
    """`requests.citizens`."""

    kind = CitizenCopy
