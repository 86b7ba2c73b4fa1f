"""The use cases of routing: choosing a department, and what departments do."""
