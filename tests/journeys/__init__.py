"""Tests of whole journeys, through the gateway of a running suite."""
