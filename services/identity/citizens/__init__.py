"""Citizens: registration, and changing, exporting and erasing their own data."""
