"""What identity keeps, and its pure rules. No input or output here."""
