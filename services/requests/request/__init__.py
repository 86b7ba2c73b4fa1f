"""A request: its document, its life as a table, its history, and what each person sees of it. Other rooms use it."""
