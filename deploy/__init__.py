"""Programs that run Rabta, work on a running one, and generate its documents."""
