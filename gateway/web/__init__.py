"""The pages that people see: a client of the services like any other, with the person's own token.

`rooms` lists every address and its room, by its people: `public`, `citizen`, `staff`, `department`, `counter`,
`administration`. A room holds its handlers and its `templates`; a handler gets a `Visit` and gives a response.
What all rooms share stands here: `session` (the encrypted cookie), `portal` (calls to the services), `forms`
(what was typed, and forms from JSON Schema), `guard` (forged forms), `words` (language, dates), `rendering`.
No page knows a database, the broker or a rule of the business: buttons come from the API's `actions`, forms from the
catalogue, words of errors from problems.
"""
