"""Programs that act as many people, on one suite without rate limits: seeding, chaos, fuzzing, a bench."""
