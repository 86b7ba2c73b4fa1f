"""Tests of routing rules and of the triage desk."""
