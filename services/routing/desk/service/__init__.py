"""Use cases of the work inside a department."""
