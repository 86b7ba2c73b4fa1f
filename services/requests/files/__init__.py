"""Attachments: checked, scanned, sealed, counted, and handed out."""
