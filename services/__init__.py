"""The independent services of Rabta. They talk by events only and never import each other."""
