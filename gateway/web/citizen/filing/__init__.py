"""Applying and complaining: from a service to the confirmation, by name or without one."""

from gateway.web.citizen.filing import checking, confirmation, files, first, name, paging, similar, unnamed

__all__ = ["checking", "confirmation", "files", "first", "name", "paging", "similar", "unnamed"]
