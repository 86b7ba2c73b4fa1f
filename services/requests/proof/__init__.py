"""What proves a request: signed receipts, daily roots, and the audit of histories."""
