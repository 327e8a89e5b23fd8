"""Measures the shop against a bare Flask route on the same server: make bench."""
