"""Progress bars for filing and answers; none without a terminal."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars


class ProgressBars:
    """Two bars over the rows of a file."""

    def __init__(self, console: Console, rows: int) -> None:
        columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bars = Bars(*columns, console=console, disable=not console.is_terminal)
        self._filed = self._bars.add_task("filing", total=rows)
        self._settled = self._bars.add_task("routed, answered, told", total=rows)

    def __enter__(self) -> "ProgressBars":
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def say(self, what: str) -> None:
        """Show what is being prepared."""
        self._bars.update(self._filed, description=f"preparing {what}"[:28])

    def filed(self, rows: int) -> None:
        """Set the number of answered rows."""
        self._bars.update(self._filed, description="filing", completed=rows)

    def settled(self, rows: int) -> None:
        """Set the number of finished requests."""
        self._bars.update(self._settled, completed=rows)
