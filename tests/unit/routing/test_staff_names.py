"""The names of colleagues, as far as routing has heard of them."""

from structlog.testing import capture_logs

from services.routing.models.colleague import StaffCopy
from services.routing.service.colleagues import StaffNames
from shared.seal import SealPurpose
from tests.builders import KEYS
from tests.fakes import MemoryStore
from tests.unit.routing.office import Office

KNOWN, NEW = "1" * 32, "2" * 32


async def test_a_colleague_whose_name_has_not_arrived_is_shown_without_it_and_breaks_no_seal() -> None:
    store, office = MemoryStore(StaffCopy), await Office().open()
    name = KEYS.seal("Sana Malik", SealPurpose.STAFF_NAME, owner=KNOWN)
    await store.insert_many([StaffCopy(id=KNOWN, sealed_name=name), StaffCopy(id=NEW, role="officer")])
    with capture_logs() as lines:
        names = await StaffNames(store, office.directory, KEYS).names([KNOWN, NEW, None], "en")
    assert names == {KNOWN: "Sana Malik"}
    assert not lines
