"""The gateway without servers, except those that a test starts."""
