"""A local stand-in for Stripe's test mode: its API, payment page, webhooks and a dashboard.

It is a program of its own beside the shop: other process, other database, no shared code.
What it imitates and where it differs from Stripe is written in README.md.
"""
