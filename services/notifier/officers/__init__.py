"""Messages to members of staff: new work (`work_items`), its digests, and their addresses with the choices."""
