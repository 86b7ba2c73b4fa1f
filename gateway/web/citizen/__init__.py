"""Pages for citizens: their account, filing, and their requests."""
