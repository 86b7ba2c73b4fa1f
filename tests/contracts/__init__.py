"""Tests of what clients, departments and services rely on."""
