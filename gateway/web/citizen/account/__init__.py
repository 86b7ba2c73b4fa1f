"""One's own account: opening it, signing in and out, a new password, and everything that is kept of oneself."""

from gateway.web.citizen.account import (
    accesses,
    closing,
    data,
    devices,
    export,
    mobile,
    password,
    preferences,
    registration,
    reset,
    sign_in,
    undo,
)

__all__ = [
    "accesses",
    "closing",
    "data",
    "devices",
    "export",
    "mobile",
    "password",
    "preferences",
    "registration",
    "reset",
    "sign_in",
    "undo",
]
