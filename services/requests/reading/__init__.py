"""Reading requests: lists, search, tracking by number, the export, and what a department sees."""
