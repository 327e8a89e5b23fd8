"""Commands: flask accounts ..."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from shop.accounts import passwords, queries, service
from shop.accounts.models import Account
from shop.accounts.second_step import service as second_step
from shop.database import transaction

cli = AppGroup("accounts", short_help="Create admins and set passwords.")

_password_options = (
    click.option("--password-stdin", is_flag=True, help="Read the password from standard input."),
    click.option("--generate", is_flag=True, help="Make a password and print it once."),
)


@cli.command("create-admin")
@click.argument("email")
@click.option("--name", default="", help="Shown beside what this person does.")
@_password_options[0]
@_password_options[1]
def create_admin(email: str, name: str, password_stdin: bool, generate: bool) -> None:
    """Create an account that may administer the shop."""
    password = _read_password(password_stdin=password_stdin, generate=generate)
    try:
        with transaction():
            account = service.create_admin(email, password, name=name[:120])
            address = account.email
    except service.UnusableEmail:
        raise click.ClickException(f"{email} is not an email address.") from None
    except service.EmailTaken:
        raise click.ClickException(f"{email} has an account. Try set-password.") from None
    except passwords.WeakPassword:
        raise click.ClickException(_WEAK) from None
    click.echo(f"{address} may sign in now.")
    if generate:
        click.echo(f"Password: {password}")


@cli.command("set-password")
@click.argument("email")
@_password_options[0]
@_password_options[1]
def set_password(email: str, password_stdin: bool, generate: bool) -> None:
    """Give an account a new password and end its sessions."""
    password = _read_password(password_stdin=password_stdin, generate=generate)
    try:
        with transaction():
            service.set_password(_account_of(email), password, by=None)
    except passwords.WeakPassword:
        raise click.ClickException(_WEAK) from None
    click.echo(f"{email} has a new password and is signed out everywhere.")
    if generate:
        click.echo(f"Password: {password}")


@cli.command("remove-second-step")
@click.argument("email")
def remove_second_step(email: str) -> None:
    """For an owner who lost app, passkeys and recovery codes."""
    with transaction():
        second_step.reset(_account_of(email), by=None)
    click.echo(f"{email} signs in by the password alone and is signed out everywhere.")


_WEAK = f"A password has {passwords.SHORTEST} to {passwords.LONGEST} characters."


def _account_of(email: str) -> Account:
    try:
        account = queries.account_by_email(service.normal_email(email))
    except service.UnusableEmail:
        raise click.ClickException(f"{email} is not an email address.") from None
    if account is None:
        raise click.ClickException(f"{email} has no account.")
    return account


def _read_password(*, password_stdin: bool, generate: bool) -> str:
    if generate:
        return passwords.generated()
    if password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
