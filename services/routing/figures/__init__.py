"""Public figures: how departments keep their dates, per department, service, district and month.

Owns `figures` (one fact for each request, without personal data), `figure_months` (the rows that are published) and
`figure_state` (up to when assignments were looked at). All of it can be rebuilt from `assignments`
(`./rabta figures rebuild`); docs/figures.md defines every figure.
"""
