"""`python -m services.requests.tamper_audit [--roots FILE]` finds histories that were tampered with."""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from services.requests.proof.service.audit import HistoryAudit
from services.requests.proof.service.receipts import Receipts
from services.requests.proof.store import DayStore, ReceiptKeyStore
from services.requests.settings import RequestsSettings
from shared.clock import utc_now
from shared.log import configure
from shared.mongo import connect


async def main(roots: Path | None) -> int:
    """Print every finding and a summary; 1 when there is any finding, else 0."""
    configure("verifying")
    settings = RequestsSettings()
    published = read_published(roots) if roots else {}
    async with connect(settings.mongo_url.get_secret_value(), f"{settings.mongo_prefix}_requests") as database:
        receipts = Receipts(ReceiptKeyStore(database), settings.keys, utc_now, days=0, issuer="")
        await receipts.read_keys()
        audit = HistoryAudit(DayStore(database), receipts, settings.keys)
        found = 0
        async for finding in audit.run(published):
            found += 1
            print(f"{finding.subject}: {finding.what}", flush=True)
    print(f"{audit.requests} requests and {audit.days} closed days checked: {found or 'no'} findings")
    return 1 if found else 0


def read_published(file: Path) -> dict[str, str]:
    """Roots by date in a saved rabta-roots.json. Raises ValueError."""
    found = json.loads(file.read_text(encoding="utf-8"))
    roots = found["roots"] if isinstance(found, dict) else found
    return {str(root["date"]): str(root["root"]) for root in roots}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="rabta verify-history", description=__doc__)
    parser.add_argument("--roots", type=Path, help="daily roots from a copy kept elsewhere, to compare")
    try:
        sys.exit(asyncio.run(main(parser.parse_args().roots)))
    except OSError as error:
        parser.error(str(error))
