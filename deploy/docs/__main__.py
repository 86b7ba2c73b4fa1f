"""`python -m deploy.docs [--check]`."""

import sys
from argparse import ArgumentParser

from deploy.docs.asyncapi import asyncapi_text
from deploy.docs.events_page import events_page
from deploy.docs.lifecycle_page import lifecycle_page
from deploy.docs.message_texts_page import message_texts_page
from deploy.docs.rights_page import rights_page
from deploy.docs.settings_page import settings_page
from deploy.local.home import ROOT

PAGES = {
    "docs/events.md": events_page,
    "docs/asyncapi.yaml": asyncapi_text,
    "docs/lifecycle.md": lifecycle_page,
    "docs/rights.md": rights_page,
    "docs/message-texts.md": message_texts_page,
    "docs/settings.md": settings_page,
}


def stale() -> list[str]:
    """The pages that differ from the code."""
    return [
        name
        for name, write in PAGES.items()
        if not (ROOT / name).exists() or (ROOT / name).read_text(encoding="utf-8") != write()
    ]


def main(arguments: list[str]) -> int:
    """Write or check the pages; returns the exit code."""
    parser = ArgumentParser(prog="python -m deploy.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a page is stale")
    if parser.parse_args(arguments).check:
        for name in (found := stale()):
            print(f"{name} is stale; run: python -m deploy.docs", file=sys.stderr)
        return 1 if found else 0
    for name, write in PAGES.items():
        (ROOT / name).write_text(write(), encoding="utf-8")
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
