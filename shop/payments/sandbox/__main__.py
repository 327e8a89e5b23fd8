"""`python -m shop.payments.sandbox`: the same command without the shop around it."""

from .cli import command

command()
