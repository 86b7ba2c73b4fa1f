"""The pages: a client of the services like any other, with the user's own token.

Each room holds the pages for one group of people: `public`, `citizen`, `staff`, `department`, `counter`,
`administration`, and `connecting` for departments' software. A room has handlers and `templates`; a handler gets a
`Visit` and returns a response. What all rooms share is in this folder: `session` (the encrypted cookie), `portal`
(calls to the services), `forms` (typed text, and forms from JSON Schema), `words` (language, dates), `rendering`.
Pages use no database and no broker, and hold no business rules: buttons come from the API's `actions`, forms from the
catalogue, error texts from problems.
"""
