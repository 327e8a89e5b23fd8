"""Pictures fetched from strangers' servers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from shop.catalog import remote
from shop.catalog.models import ProductImage
from shop.catalog.remote import NotFetched, download, fetch_image, is_public, resolve_host
from shop.extensions import db
from tests.factories import make_image, make_product

PRIVATE_URLS = [
    "http://127.0.0.1/a.jpg",
    "http://127.1/a.jpg",
    "http://2130706433/a.jpg",
    "http://0177.0.0.1/a.jpg",
    "http://0x7f000001/a.jpg",
    "http://0x7f.0.0.1/a.jpg",
    "http://localhost/a.jpg",
    "http://LOCALHOST./a.jpg",
    "http://0.0.0.0/a.jpg",
    "http://0/a.jpg",
    "http://10.0.0.1/a.jpg",
    "http://100.64.0.1/a.jpg",
    "http://169.254.169.254/latest/meta-data/",
    "http://172.16.0.1/a.jpg",
    "http://192.0.0.1/a.jpg",
    "http://192.0.2.1/a.jpg",
    "http://192.168.1.1/a.jpg",
    "http://198.18.0.1/a.jpg",
    "http://224.0.0.1/a.jpg",
    "http://240.0.0.1/a.jpg",
    "http://255.255.255.255/a.jpg",
    "http://[::]/a.jpg",
    "http://[::1]/a.jpg",
    "http://[::ffff:127.0.0.1]/a.jpg",
    "http://[::ffff:8.8.8.8]/a.jpg",
    "http://[::127.0.0.1]/a.jpg",
    "http://[64:ff9b::7f00:1]/a.jpg",
    "http://[2002:7f00:1::]/a.jpg",
    "http://[2001:0:7f00:1::]/a.jpg",
    "http://[2001:db8::1]/a.jpg",
    "http://[fc00::1]/a.jpg",
    "http://[fd12:3456::1]/a.jpg",
    "http://[fe80::1]/a.jpg",
    "http://[ff02::1]/a.jpg",
    "http://１２７.０.０.１/a.jpg",
]
OTHER_URLS = [
    "file:///etc/passwd",
    "gopher://example.com/_x",
    "ftp://example.com/a.jpg",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "//example.com/a.jpg",
    "a.jpg",
    "",
    "http://",
    "http:///a.jpg",
    "http://user:secret@example.com/a.jpg",
    "http://example.com:22/a.jpg",
    "http://example.com:25/a.jpg",
    "http://example.com:99999/a.jpg",
    "http://[::1/a.jpg",
    "http://exa mple.com/a.jpg",
    "http://" + "a" * 70 + ".com/a.jpg",
]


def jpeg(size: tuple[int, int] = (300, 450)) -> bytes:
    target = BytesIO()
    Image.new("RGB", size, "#336699").save(target, "JPEG")
    return target.getvalue()


@dataclass
class Stranger:
    """A server whose answers a test writes: status, headers, body by path."""

    port: int = 0
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def url(self, path: str, host: str = "pictures.example") -> str:
        return f"http://{host}:{self.port}{path}"


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stranger]:
    """Its address counts as public for the test; every other one is judged as ever."""
    stranger = Stranger()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stranger.asked.append((self.headers["Host"], self.path))
            status, headers, body = stranger.answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stranger.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setattr(
        remote, "is_public", lambda address: address == "127.0.0.1" or is_public(address)
    )
    yield stranger
    server.shutdown()
    server.server_close()
    thread.join()


def known_hosts(host: str, _port: int) -> list[str]:
    hosts = {"pictures.example": ["127.0.0.1"], "inside.example": ["10.0.0.7"]}
    hosts["both.example"] = ["127.0.0.1", "10.0.0.7"]
    if host not in hosts:
        raise socket.gaierror(f"unknown: {host}")
    return hosts[host]


def refusal_of(url: str) -> str:
    with pytest.raises(NotFetched) as refusal:
        download(url, resolve=known_hosts)
    return str(refusal.value)


@pytest.mark.parametrize("url", PRIVATE_URLS)
def test_no_way_of_writing_a_private_address_is_followed(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *_a, **_k: pytest.fail("connected"))

    with pytest.raises(NotFetched):
        download(url, resolve=resolve_host)


@pytest.mark.parametrize("url", OTHER_URLS)
def test_only_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(NotFetched):
        download(url, resolve=lambda _host, _port: pytest.fail("resolved"))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "93.184.216.34"])
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert is_public(address)


def test_what_is_no_address_is_not_public() -> None:
    assert not is_public("example.com")


def test_the_picture_comes_as_it_is(stranger: Stranger) -> None:
    stranger.answers["/a%20b.jpg?v=1&x=%C3%A9"] = (200, {"Content-Type": "text/html"}, jpeg())

    body = download(stranger.url("/a b.jpg?v=1&x=é"), resolve=known_hosts)

    assert body == jpeg()
    assert stranger.asked == [(f"pictures.example:{stranger.port}", "/a%20b.jpg?v=1&x=%C3%A9")]


def test_a_host_with_one_private_address_is_not_asked(stranger: Stranger) -> None:
    refusal = refusal_of(stranger.url("/a.jpg", host="both.example"))

    assert refusal == "The picture's address leads into a private network."
    assert stranger.asked == []


def test_a_name_is_looked_up_once_so_that_it_cannot_change_its_mind(stranger: Stranger) -> None:
    stranger.answers["/a.jpg"] = (200, {}, jpeg())
    lookups = []

    def rebinding(host: str, _port: int) -> list[str]:
        lookups.append(host)
        return ["127.0.0.1"] if len(lookups) == 1 else ["10.0.0.7"]

    assert download(stranger.url("/a.jpg"), resolve=rebinding) == jpeg()
    assert lookups == ["pictures.example"]


def test_a_redirect_is_followed(stranger: Stranger) -> None:
    stranger.answers["/old.jpg"] = (302, {"Location": "/new.jpg"}, b"")
    stranger.answers["/new.jpg"] = (200, {}, jpeg())

    assert download(stranger.url("/old.jpg"), resolve=known_hosts) == jpeg()


@pytest.mark.parametrize(
    "location",
    [
        "http://inside.example/a.jpg",
        "http://127.0.0.2/a.jpg",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/a.jpg",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "http://[broken/",
    ],
)
def test_a_redirect_leads_nowhere_else_than_an_address(stranger: Stranger, location: str) -> None:
    stranger.answers["/a.jpg"] = (302, {"Location": location}, b"")

    def resolve(host: str, port: int) -> list[str]:
        return known_hosts(host, port) if host.endswith(".example") else [host]

    with pytest.raises(NotFetched):
        download(stranger.url("/a.jpg"), resolve=resolve)

    assert len(stranger.asked) == 1


def test_redirects_end(stranger: Stranger) -> None:
    stranger.answers["/a.jpg"] = (301, {"Location": "/a.jpg"}, b"")

    assert refusal_of(stranger.url("/a.jpg")) == "The picture's address is redirected too often."
    assert len(stranger.asked) == 4


def test_an_unknown_host_is_told(stranger: Stranger) -> None:
    refusal = refusal_of("https://nowhere.example/a.jpg")

    assert refusal == "The picture's server is not known."


def test_a_closed_port_is_told(stranger: Stranger) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

        refusal = refusal_of(f"http://pictures.example:{port}/a.jpg")

    assert refusal == "The picture's server could not be reached."


def test_a_server_without_a_certificate_for_the_host_is_refused(stranger: Stranger) -> None:
    url = stranger.url("/a.jpg").replace("http:", "https:")

    assert refusal_of(url) == "The picture's server could not be reached."
    assert stranger.asked == []


def test_a_refusing_server_is_told(stranger: Stranger) -> None:
    assert refusal_of(stranger.url("/none.jpg")) == "The picture's server answered 404."


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "8388609"}, {"Content-Length": "-1"}])
def test_more_than_eight_megabytes_are_not_taken(
    stranger: Stranger, headers: dict[str, str]
) -> None:
    stranger.answers["/a.jpg"] = (200, headers, b"x" * (remote.MAX_BYTES + 1))

    assert refusal_of(stranger.url("/a.jpg")) == "The picture has more than 8 MB."


def test_a_picture_that_breaks_off_is_refused(stranger: Stranger) -> None:
    stranger.answers["/a.jpg"] = (200, {"Content-Length": "5000"}, b"x" * 100)

    assert refusal_of(stranger.url("/a.jpg")) == "The picture's server could not be reached."


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nX-", b"HTTP/1.1 200 OK\r\n\r\nx"])
def test_a_server_that_drips_is_given_up_on(
    beginning: bytes, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One byte now and then, in the headers or the body: the whole takes no longer."""
    monkeypatch.setattr(remote, "TOTAL", 1.0)
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _address = listener.accept()
        with connection:
            connection.sendall(beginning)
            stop = time.monotonic() + 60
            while time.monotonic() < stop:
                try:
                    connection.sendall(b"x")
                except OSError:
                    return
                threading.Event().wait(0.05)

    thread = threading.Thread(target=drip)
    thread.start()
    begun = time.monotonic()

    refusal = refusal_of(f"http://pictures.example:{listener.getsockname()[1]}/a.jpg")

    listener.close()
    thread.join()
    assert refusal == "The picture's server took too long."
    assert time.monotonic() - begun < 30


# The row


def remote_image(url: str) -> int:
    image = make_image(make_product(), file=None, source_url=url)
    db.session.commit()
    return image.id


def media(app: Flask) -> list[str]:
    folder: Path = app.extensions["settings"].media_path
    return sorted(path.name for path in folder.iterdir())


def test_a_fetched_picture_is_stored_and_shown(app: Flask, stranger: Stranger) -> None:
    stranger.answers["/a.jpg"] = (200, {}, jpeg())
    image_id = remote_image(stranger.url("/a.jpg"))
    before = media(app)

    fetch_image(image_id, resolve=known_hosts)

    image = db.session.get_one(ProductImage, image_id)
    assert (image.width, image.height, image.fetch_error) == (300, 450, "")
    assert len([name for name in media(app) if name.startswith(image.file or "-")]) == 9
    assert len(media(app)) == len(before) + 9


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((404, {}, b""), 'The picture\'s server answered %(status)s.\t{"status": 404}'),
        (
            (200, {"Content-Type": "image/jpeg"}, b"<html>Please sign in</html>"),
            "This is not a picture we can read. Send a JPEG, PNG, WebP, AVIF or GIF.",
        ),
    ],
)
def test_a_picture_that_cannot_be_had_is_noted(
    app: Flask, stranger: Stranger, answer: tuple[int, dict[str, str], bytes], reason: str
) -> None:
    stranger.answers["/a.jpg"] = answer
    image_id = remote_image(stranger.url("/a.jpg"))
    before = media(app)

    fetch_image(image_id, resolve=known_hosts)

    image = db.session.get_one(ProductImage, image_id)
    assert (image.file, image.fetch_error) == (None, reason)
    assert media(app) == before


def test_a_picture_is_fetched_once(app: Flask, stranger: Stranger) -> None:
    stranger.answers["/a.jpg"] = (200, {}, jpeg())
    image_id = remote_image(stranger.url("/a.jpg"))

    for _ in range(2):
        fetch_image(image_id, resolve=known_hosts)

    assert len(stranger.asked) == 1


def test_a_picture_removed_meanwhile_leaves_no_files(app: Flask, stranger: Stranger) -> None:
    stranger.answers["/a.jpg"] = (200, {}, jpeg())
    image_id = remote_image(stranger.url("/a.jpg"))
    before = media(app)

    def remove_then_resolve(host: str, port: int) -> list[str]:
        db.session.delete(db.session.get_one(ProductImage, image_id))
        db.session.commit()
        return known_hosts(host, port)

    fetch_image(image_id, resolve=remove_then_resolve)

    assert db.session.get(ProductImage, image_id) is None
    assert media(app) == before


def test_a_picture_that_is_gone_is_no_matter(app: Flask) -> None:
    fetch_image(2_000_000, resolve=known_hosts)


def test_nothing_is_held_open_while_the_stranger_answers(app: Flask, stranger: Stranger) -> None:
    image_id = remote_image(stranger.url("/none.jpg"))
    states = []

    def resolve(host: str, port: int) -> list[str]:
        states.append(db.session().in_transaction())
        return known_hosts(host, port)

    fetch_image(image_id, resolve=resolve)

    assert states == [False]
