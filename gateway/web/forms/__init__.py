"""Forms: typed text as it comes in and is shown again, and the form of a service made from its JSON Schema."""
