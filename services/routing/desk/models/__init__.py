"""Documents and rules of the work inside a department."""
