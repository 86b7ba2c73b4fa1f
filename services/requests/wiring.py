"""Creates the use cases of the service, its consumed streams, and its background sweeps."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from starlette.datastructures import State

from services.requests import handlers
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.catalogue.service.publishing import Publishing
from services.requests.duplicates.service.candidates import DuplicateFinder
from services.requests.duplicates.service.counter import Counter
from services.requests.duplicates.service.following import Following
from services.requests.files.checking.pool import Checkers
from services.requests.files.service.attachment_sweep import AttachmentSweep
from services.requests.files.service.attachments import Attachments
from services.requests.files.service.documents import Documents
from services.requests.files.service.keeping import FileKeeper, FileLimits
from services.requests.files.service.upload_budget import UploadBudget
from services.requests.filing.service.anonymous import AnonymousFiling
from services.requests.filing.service.drafts import DraftService
from services.requests.filing.service.intake import Intake
from services.requests.life.service.appeals import Appeals
from services.requests.life.service.citizen import CitizenActs
from services.requests.life.service.clocks import Clocks
from services.requests.life.service.corrections import ContactCorrections
from services.requests.life.service.erasure import Erasure
from services.requests.life.service.overriding import Overriding
from services.requests.life.service.retention import Retention
from services.requests.proof.printable import find_fonts
from services.requests.proof.service.days import DayBook
from services.requests.proof.service.proofs import Proofs
from services.requests.proof.service.receipts import READ_AGAIN, Receipts
from services.requests.publishing.service.filing import PartnerFiling
from services.requests.publishing.service.partners import Partners
from services.requests.publishing.service.reading import PublicReading
from services.requests.publishing.service.words import WordPublishing
from services.requests.reading.service.at_department import DepartmentReading
from services.requests.reading.service.reading import Reading
from services.requests.reading.service.search import TextSearch
from services.requests.reading.service.tracking import Tracking
from services.requests.request.models.replicas import CitizenReplica, Colleague, DepartmentReplica
from services.requests.request.models.request import Request
from services.requests.request.service.access_log import AccessLog
from services.requests.request.service.colleagues import Colleagues
from services.requests.settings import RequestsSettings
from services.requests.stores import Stores
from shared.clock import utc_now
from shared.inbox import Inbox
from shared.mongo import ServerClock
from shared.runtime import Stream, record_stream

MERGES_EVERY, CATALOGUE_EVERY, CLOCKS_EVERY, RETENTION_EVERY = 5.0, 5.0, 1.0, 600.0
"""Seconds between two sweeps: for requests to revive, services published elsewhere, due clocks, retention."""
CLOCKS_LEASE = 30.0
"""Seconds for which a replica leases requests with due clocks."""
KEEP_UNNAMED = timedelta(days=1)
"""How long a file without a request is kept."""
DAY_CLOSE_AFTER = timedelta(minutes=10)
"""Time after midnight (UTC) until the day is closed."""
Sweep = tuple[str, float, Callable[[], Awaitable[object]]]
"""Name, seconds between two runs, and what runs."""


def receipts_of(stores: Stores, settings: RequestsSettings) -> Receipts:
    """The signer of receipts and daily roots; call `prepare` before use."""
    return Receipts(stores.receipt_keys, settings.keys, utc_now, days=settings.receipt_key_days, issuer=settings.issuer)


def retention_of(stores: Stores, settings: RequestsSettings, clock: ServerClock) -> Retention:
    """The anonymisation of old requests."""
    return Retention(stores.retention, stores.requests, stores.accesses, settings.keep_days, clock.now)


def limits_of(settings: RequestsSettings) -> FileLimits:
    """The limits of files."""
    rescan = timedelta(seconds=settings.scan_again_every)
    return FileLimits(settings.attachment_quota, settings.anonymous_quota, KEEP_UNNAMED, rescan)


def wire(state: State, stores: Stores, checkers: Checkers, receipts: Receipts, settings: RequestsSettings) -> None:
    """Put every use case into `state`, where the routes find it."""
    keys, requests, citizens = settings.keys, stores.requests, stores.citizens
    catalogue: Catalogue = state.catalogue
    state.publishing = Publishing(stores.catalogue, stores.versions, stores.departments, catalogue)
    search, accesses, files = TextSearch(keys, catalogue.names_of), AccessLog(stores.accesses), stores.attachments

    keeping = FileKeeper(files, stores.contents, checkers, settings.file_scanner, keys, limits_of(settings))
    documents = Documents(catalogue, citizens, keys)
    state.attachments = Attachments(keeping, requests, accesses, documents)
    state.attachment_sweep = AttachmentSweep(keeping, requests)
    state.upload_budget = UploadBudget(settings.upload_memory)
    state.drafts = DraftService(stores.drafts, catalogue, keys, files=files)
    state.intake = Intake(requests, catalogue, citizens, keys, settings.waits, stores.drafts, attachments=files)
    state.anonymous = AnonymousFiling(state.intake, requests, keys)

    state.receipts = receipts
    state.days = DayBook(stores.days, receipts, utc_now, DAY_CLOSE_AFTER)
    state.proofs = Proofs(requests, receipts, state.days, catalogue, find_fonts(settings.fonts_dir))

    state.acts = CitizenActs(requests, catalogue, citizens, keys)
    state.appeals = Appeals(requests, keys)
    state.overriding = Overriding(requests, keys)
    state.duplicate_finder = DuplicateFinder(stores.duplicates, catalogue, keys)
    state.following = Following(requests, stores.duplicates, catalogue, keys)
    state.counter = Counter(citizens, state.duplicate_finder, state.following, accesses)

    state.requests = requests
    colleagues = Colleagues(stores.colleagues, stores.departments, keys)
    state.reading = Reading(requests, citizens, keys, search, accesses, stores.duplicates, colleagues)
    state.at_department = DepartmentReading(stores.at_department, search, accesses, keys)
    state.tracking = Tracking(requests, citizens, stores.guesses, keys, settings.track_limits)
    state.public = PublicReading(stores.public, catalogue, keys)
    state.partners = Partners(stores.partners)
    state.partner_filing = PartnerFiling(state.anonymous, state.acts, requests, keys)
    state.public_words = WordPublishing(requests, accesses, keys)


def streams_of(stores: Stores) -> dict[str, Stream]:
    """The streams of other services that this one consumes."""
    of_requests = Inbox(stores.requests, handlers.HANDLERS, lambda number: Request(id=number))
    of_citizens = Inbox(stores.citizens, handlers.CITIZEN_HANDLERS, lambda key: CitizenReplica(id=key))
    of_departments = Inbox(stores.departments, handlers.DEPARTMENT_HANDLERS, lambda code: DepartmentReplica(id=code))
    of_staff = Inbox(stores.colleagues, handlers.STAFF_HANDLERS, lambda account: Colleague(id=account))
    return {
        "request@routing": record_stream(stores.requests, of_requests),
        "citizen": record_stream(stores.citizens, of_citizens),
        "department": record_stream(stores.departments, of_departments),
        "staff": record_stream(stores.colleagues, of_staff),
    }


def sweeps_of(state: State, stores: Stores, settings: RequestsSettings, clock: ServerClock) -> list[Sweep]:
    """The background sweeps."""
    clocks = Clocks(stores.requests, errands=state.appeals.errands)
    erasure = Erasure(stores.citizens, stores.requests, stores.drafts, stores.accesses, stores.attachments)
    retention = retention_of(stores, settings, clock)
    anonymise_due = partial(retention.run_if_due, timedelta(seconds=settings.retention_every))
    return [
        ("merges", MERGES_EVERY, state.following.finish),
        ("erasure", settings.erase_every, erasure.sweep),
        ("corrections", settings.erase_every, ContactCorrections(stores.citizens, stores.requests).sweep),
        ("catalogue", CATALOGUE_EVERY, state.catalogue.refresh),
        ("retention", RETENTION_EVERY, anonymise_due),
        ("receipt_keys", READ_AGAIN, state.receipts.prepare),
        ("attachments", settings.attachments_every, state.attachment_sweep.run),
        ("clocks", CLOCKS_EVERY, partial(clocks.take_due, CLOCKS_LEASE)),
    ]
