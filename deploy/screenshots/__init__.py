"""Pictures of the pages for `docs/screenshots`: the same people and requests every time."""
