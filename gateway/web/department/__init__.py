"""Pages for officers, heads and appellate authorities: their work."""
