"""The metrics of routing."""

from prometheus_client import Gauge

TO_CONFIRM = Gauge(
    "rabta_holidays_to_confirm", "Unconfirmed holidays of the last month and the next two weeks, and years without any"
)
