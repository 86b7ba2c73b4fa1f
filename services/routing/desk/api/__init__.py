"""HTTP routes of the work inside a department."""
