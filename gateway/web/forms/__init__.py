"""What people type: forms as they come in and go out again, and forms made from a service's JSON Schema."""

from gateway.web.forms.form import Form

__all__ = ["Form"]
