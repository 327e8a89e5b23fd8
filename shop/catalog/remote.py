"""Pictures that an import named, fetched by the worker from wherever they lie, and only from there:
never from this machine or its network, however the address is written or resolved.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from shop.catalog.images import show_stored
from shop.catalog.models import ProductImage
from shop.database import transaction
from shop.extensions import db
from shop.media.pictures import PictureRefused, StoredPicture, remove_picture, store_picture
from shop.media.refusals import Refusal
from shop.sentences import N_
from shop.web.config import settings

MAX_BYTES = 8 * 1024 * 1024
MAX_REDIRECTS = 3
#: Seconds to connect or wait for the next byte, and for everything together. The name service
#: has its own limits.
STEP, TOTAL = 5.0, 10.0
CHUNK = 64 * 1024

_HOST = re.compile(r"[A-Za-z0-9._:-]+")
#: Asked too soon or too often.
_BUSY = {408, 425, 429}
_REDIRECTS = {301, 302, 303, 307, 308}
_HEADERS = {
    "User-Agent": "Till (fetches pictures of an imported catalog)",
    "Accept": "image/avif, image/webp, image/*",
    "Accept-Encoding": "identity",
}
#: Global addresses that lead on to others: relays from IPv6 to IPv4.
_RELAYS = tuple(
    ipaddress.ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "192.88.99.0/24")
)

#: Every address a host name stands for.
Resolve = Callable[[str, int], list[str]]


class NotFetched(Refusal):
    """Why, in a sentence for the merchant. `is_passing`: another time it may be there."""

    def __init__(self, text: str, *, is_passing: bool = False, **values: Any) -> None:
        self.is_passing = is_passing
        super().__init__(text, **values)


def fetch_image(image_id: int, *, resolve: Resolve | None = None, is_last_try: bool = True) -> None:
    """Fetch the picture and put it in the media folder, or note on the row why not.

    Raises nothing for a picture that cannot be had, and NotFetched, before the last try, where it
    may be had later; one that is there or gone is left alone.
    """
    url = _wanted_url(image_id)
    if url is None:
        return
    media_path = settings().media_path
    try:
        stored = store_picture(download(url, resolve=resolve or resolve_host), media_path)
    except (NotFetched, PictureRefused) as refusal:
        _note_failure(image_id, refusal.kept)
        if isinstance(refusal, NotFetched) and refusal.is_passing and not is_last_try:
            raise
        return
    if not _note_success(image_id, stored):
        remove_picture(stored.file, media_path)


def download(url: str, *, resolve: Resolve) -> bytes:
    """The bytes behind a public address. Raises NotFetched.

    Each hop's host is resolved once, every address it has must be public, and the connection goes
    to the one that was looked at.
    """
    deadline = time.monotonic() + TOTAL
    for _ in range(MAX_REDIRECTS + 1):
        try:
            answer = _ask(_target_of(url, resolve), deadline)
        except TimeoutError:
            raise NotFetched(N_("The picture's server took too long."), is_passing=True) from None
        except (OSError, http.client.HTTPException):
            unreached = N_("The picture's server could not be reached.")
            raise NotFetched(unreached, is_passing=True) from None
        if isinstance(answer, bytes):
            return answer
        url = _joined(url, answer.location)
    raise NotFetched(N_("The picture's address is redirected too often."))


def resolve_host(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_rest, address in found))


def is_public(address: str) -> bool:
    """Whether the address lies in the open Internet, and not behind a relay to another one."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        return False
    return (
        ip.is_global
        and not (ip.is_multicast or ip.is_reserved or ip.is_link_local)
        and not any(ip in relay for relay in _RELAYS if relay.version == ip.version)
    )


# The row


def _wanted_url(image_id: int) -> str | None:
    """Ends the read at once: nothing is held open while strangers answer."""
    image = db.session.get(ProductImage, image_id)
    url = image.source_url if image and not image.file else None
    db.session.rollback()
    return url or None


def _note_success(image_id: int, stored: StoredPicture) -> bool:
    """False where the row went away or was filled meanwhile."""
    with transaction():
        image = db.session.get(ProductImage, image_id, with_for_update=True)
        if image is None or image.file:
            return False
        show_stored(image, stored)
        image.fetch_error = ""
        return True


def _note_failure(image_id: int, reason: str) -> None:
    with transaction():
        image = db.session.get(ProductImage, image_id, with_for_update=True)
        if image is not None:
            image.fetch_error = reason[:255]


# The network


@dataclass(frozen=True)
class _Target:
    parts: SplitResult
    host: str
    port: int
    #: Looked at and public; the first that answers is used.
    addresses: list[str]


@dataclass(frozen=True)
class _Redirect:
    location: str


def _target_of(url: str, resolve: Resolve) -> _Target:
    parts, host, port = _parts_of(url)
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError):
        raise NotFetched(N_("The picture's server is not known."), is_passing=True) from None
    if not addresses or not all(is_public(address) for address in addresses):
        raise NotFetched(N_("The picture's address leads into a private network."))
    return _Target(parts, host, port, addresses)


def _parts_of(url: str) -> tuple[SplitResult, str, int]:
    """Only http and https, only ports that web servers have, no passwords."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise NotFetched(N_("The picture's address cannot be read.")) from None
    if parts.scheme not in ("http", "https") or parts.username is not None:
        raise NotFetched(N_("The picture's address does not begin with https:// or http://."))
    if not _HOST.fullmatch(host):
        raise NotFetched(N_("The picture's address names no server."))
    if port not in (80, 443) and port < 1024:
        raise NotFetched(N_("The picture's address names a port that no web server has."))
    return parts, host, port


def _ask(target: _Target, deadline: float) -> bytes | _Redirect:
    with _connect(target, deadline) as inner:
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = _TimedSocket(inner, deadline)
        connection.request("GET", _path_of(target.parts), headers=_HEADERS)
        response = connection.getresponse()
        location = response.getheader("Location")
        if response.status in _REDIRECTS and location:
            return _Redirect(location)
        if response.status != 200:
            raise NotFetched(
                N_("The picture's server answered %(status)s."),
                status=response.status,
                is_passing=response.status in _BUSY or response.status >= 500,
            )
        return _body_of(response)


def _body_of(response: http.client.HTTPResponse) -> bytes:
    body = bytearray()
    while chunk := response.read(CHUNK):
        body += chunk
        if len(body) > MAX_BYTES:
            larger = N_("The picture has more than %(megabytes)s MB.")
            raise NotFetched(larger, megabytes=MAX_BYTES // 1024 // 1024)
    if response.length:
        raise http.client.IncompleteRead(bytes(body), response.length)
    return bytes(body)


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise NotFetched(N_("The picture's address cannot be read.")) from None


def _path_of(parts: SplitResult) -> str:
    """Spaces and letters of other scripts escaped, escapes left as they are."""
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return f"{path}?{query}" if query else path


def _connect(target: _Target, deadline: float) -> socket.socket:
    """A connection to a looked-at address; the certificate must be the host's."""
    failure: OSError | None = None
    for address in target.addresses:
        try:
            plain = socket.create_connection((address, target.port), timeout=_left(deadline))
        except OSError as error:
            failure = error
            continue
        return _secured(plain, target)
    raise failure or OSError("no address")


def _secured(plain: socket.socket, target: _Target) -> socket.socket:
    if target.parts.scheme != "https":
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise


def _left(deadline: float) -> float:
    left = min(STEP, deadline - time.monotonic())
    if left <= 0:
        raise TimeoutError
    return left


class _TimedSocket:
    """What http.client needs of a socket, with the deadline over every single read: a server that
    sends a byte now and then is no slower to give up on than a silent one.
    """

    def __init__(self, inner: socket.socket, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def sendall(self, data: bytes) -> None:
        self._inner.settimeout(_left(self._deadline))
        self._inner.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._inner, self._deadline))

    def close(self) -> None:
        """Its reader may still be needed; `_ask` closes the socket itself."""


class _TimedReader(io.RawIOBase):
    def __init__(self, inner: socket.socket, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._inner.settimeout(_left(self._deadline))
        return self._inner.recv_into(buffer)
