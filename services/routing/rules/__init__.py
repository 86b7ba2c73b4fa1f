"""Routing rules as data: an ordered, versioned rule set, areas on the map, and the trial of a draft on past requests.

The rule set is asked before the services' own rules; its first rule that matches decides (docs/routing.md).
"""
