"""The pages with which a department's software is connected: of the head, and of administrators for any department."""
