"""Passkeys (WebAuthn) by py_webauthn: what the browser is asked, and whether its answer holds."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from shop.web.config import settings

#: Longer answers are no browser's.
LONGEST_ANSWER = 20_000


class BadPasskey(Exception):
    """The answer is not one to what was asked, or not of a passkey that the shop knows."""


@dataclass(frozen=True)
class NewPasskey:
    credential_id: str
    public_key: bytes
    sign_count: int


@dataclass(frozen=True)
class Asked:
    """For the browser, and what its answer must be an answer to."""

    options: str
    challenge: str


def is_possible() -> bool:
    """Browsers know passkeys for names over HTTPS, and for localhost; not for IP addresses."""
    parts = urlsplit(settings().url)
    try:
        ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        return parts.scheme == "https" or parts.hostname == "localhost"
    return False


def ask_for_new(*, handle: str, email: str, name: str, shop: str, known: list[str]) -> Asked:
    """`known`: credential ids of the passkeys that the account has already."""
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=shop,
        user_id=base64url_to_bytes(handle),
        user_name=email,
        user_display_name=name or email,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known
        ],
    )
    return Asked(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


def ask_for_known() -> Asked:
    """Names no account: the browser shows the passkeys it has for this shop."""
    options = webauthn.generate_authentication_options(
        rp_id=_host(), user_verification=UserVerificationRequirement.REQUIRED
    )
    return Asked(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


def checked_new(answer: str, challenge: str) -> NewPasskey:
    """Raises BadPasskey."""
    try:
        found = webauthn.verify_registration_response(
            credential=_read(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(),
            expected_origin=_origin(),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise BadPasskey from error
    credential_id = bytes_to_base64url(found.credential_id)
    return NewPasskey(credential_id, found.credential_public_key, found.sign_count)


def names_in(answer: str) -> tuple[str, str]:
    """The credential's id and its owner's handle, both unproved. Raises BadPasskey."""
    read = _read(answer)
    response = read.get("response")
    handle = response.get("userHandle") if isinstance(response, dict) else None
    return str(read.get("id")), str(handle or "").rstrip("=")


def checked_known(answer: str, challenge: str, *, public_key: bytes, sign_count: int) -> int:
    """The passkey's new count of signatures. Raises BadPasskey."""
    try:
        found = webauthn.verify_authentication_response(
            credential=_read(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(),
            expected_origin=_origin(),
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise BadPasskey from error
    return int(found.new_sign_count)


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise BadPasskey
    try:
        read = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise BadPasskey from error
    if not isinstance(read, dict):
        raise BadPasskey
    return read


def _host() -> str:
    return urlsplit(settings().url).hostname or ""


def _origin() -> str:
    parts = urlsplit(settings().url)
    return f"{parts.scheme}://{parts.netloc}"
