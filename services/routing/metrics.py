"""The metrics of routing."""

from prometheus_client import Counter, Gauge

TO_CONFIRM = Gauge(
    "rabta_holidays_to_confirm", "Unconfirmed holidays of the last month and the next two weeks, and years without any"
)
RULES_SKIPPED = Counter(
    "rabta_routing_rules_skipped", "How often a rule of the rule set could not be applied and was skipped"
)
UNDECIDED = Counter("rabta_routing_undecided", "Requests that no rule could route, at the triage desk now")
