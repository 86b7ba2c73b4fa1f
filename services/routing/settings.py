"""Settings of the routing service."""

from pathlib import Path

from pydantic import Field

from shared.settings import Settings


class RoutingSettings(Settings):
    """Departments, the working calendar, and how often the broker's side of departments is checked."""

    departments_dir: Path = Field(Path(__file__).parent / "departments", description="folder of departments' files")
    calendar_file: Path = Field(Path(__file__).parent / "calendar.yaml", description="file of the working calendar")
    provision_every: float = Field(10.0, description="seconds between two looks at the broker's queues and users")
    letters_every: float = Field(
        60.0,
        description="seconds between two looks at the dead letters of departments; also the first pause before one is "
        "sent again",
    )
    clocks_every: float = Field(
        15.0, description="seconds between two looks at due dates: warnings, late requests, escalation"
    )
    experience_every: float = Field(900.0, description="seconds between two looks at how long requests took lately")
