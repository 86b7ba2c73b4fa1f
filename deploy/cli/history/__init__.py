"""The history of a demo: 90 days of invented requests, written in bulk. `./rabta up` runs it once, after seeding."""
