"""Settings of the routing service."""

from pathlib import Path

from shared.settings import Settings


class RoutingSettings(Settings):
    """Where departments and the calendar are declared; how often the broker's side of them is looked after (s)."""

    departments_dir: Path = Path(__file__).parent / "departments"
    calendar_file: Path = Path(__file__).parent / "calendar.yaml"
    provision_every: float = 10.0
    letters_every: float = 60.0
    directory_every: float = 5.0
    experience_every: float = 900.0
