"""Pages for clerks, who file for citizens at a counter or on the phone."""
