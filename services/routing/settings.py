"""Settings of the routing service."""

from pathlib import Path

from pydantic import Field

from shared.settings import Settings


class RoutingSettings(Settings):
    """Departments, the working calendar, and how often the broker's side of departments is checked."""

    departments_dir: Path = Field(Path(__file__).parent / "departments", description="folder of departments' files")
    calendar_file: Path = Field(Path(__file__).parent / "calendar.yaml", description="file of the working calendar")
    provision_every: float = Field(10.0, description="seconds between two checks of the broker's queues and users")
    letters_every: float = Field(
        60.0,
        description="seconds between two checks of the departments' dead letters; also the first pause before one is "
        "resent",
    )
    clocks_every: float = Field(
        15.0, description="seconds between two checks of due dates: warnings, late requests, escalation"
    )
    feed_days: float = Field(30.0, description="days for which the messages of departments are kept, to be sent again")
    figures_every: float = Field(300.0, description="seconds between two updates of the public figures")
    experience_every: float = Field(
        900.0, description="seconds between two computations of how long requests took lately"
    )
    webhooks_every: float = Field(1.0, description="seconds between two looks for messages that webhooks wait for")
    webhook_pauses: tuple[float, ...] = Field(
        (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200),
        description="seconds until a message is sent again that a webhook did not take, as JSON; the last one repeats",
    )
    webhook_gives_up: float = Field(
        259200.0, description="seconds for which a webhook may fail until it is stopped and its head is told"
    )
