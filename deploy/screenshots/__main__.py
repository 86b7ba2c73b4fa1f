"""`./rabta screenshots`: takes screenshots of the main pages into `docs/screenshots`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright

from deploy.local import browser
from deploy.local.errors import LocalError, PrerequisiteError
from deploy.local.home import ROOT, default_home
from deploy.screenshots.camera import FLAGS, Camera
from deploy.screenshots.scenes import LANGUAGES, SCENES, WIDTHS, Scene
from deploy.screenshots.staging import Staged, staged

FOLDER = ROOT / "docs" / "screenshots"


def main() -> None:
    """Take the screenshots."""
    asked = parsed()
    scenes = [scene for scene in SCENES if not asked.only or scene.name in asked.only]
    try:
        with staged(running=asked.running, say=say) as stage:
            take_all(stage, scenes, asked.to)
    except LocalError as error:
        print(f"rabta: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


def parsed() -> argparse.Namespace:
    """The command-line arguments."""
    parser = argparse.ArgumentParser(prog="rabta screenshots", description=__doc__)
    names = [scene.name for scene in SCENES]
    parser.add_argument("--only", nargs="*", choices=names, metavar="NAME", help=f"some of: {', '.join(names)}")
    parser.add_argument("--running", action="store_true", help="use the running suite instead of a new one")
    parser.add_argument("--to", type=Path, default=FOLDER, help="the folder for the screenshots")
    return parser.parse_args()


def take_all(stage: Staged, scenes: Sequence[Scene], folder: Path) -> None:
    """Take each scene in each language and width. Raises UnavailableError."""
    browser.install_if_possible(default_home())
    chromium = browser.program()
    if chromium is None:
        raise PrerequisiteError("there is no chromium here: apt-get install chromium-headless-shell fonts-noto-core")
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        camera = Camera(started, stage)
        for scene in scenes:
            for language in LANGUAGES:
                files = [camera.take(scene, language, width, folder) for width in WIDTHS]
                say(", ".join(f"{file.name} {file.stat().st_size // 1000} KB" for file in files))
        started.close()


def say(line: str) -> None:
    """Print the progress."""
    print(f"rabta: {line}", flush=True)


if __name__ == "__main__":
    main()
