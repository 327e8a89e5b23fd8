"""Serves the sandbox: a threaded HTTP/1.1 server with keep-alive, and the background thread.

Werkzeug's own server closes each connection after one answer and cannot cut one on purpose;
the standard library's does both with a small handler, and needs no second process.
"""

from __future__ import annotations

import io
import socket
import struct
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask
from werkzeug.test import run_wsgi_app

from .app import Sandbox, create_sandbox
from .config import SandboxConfig
from .delivery import Postman

_IDLE_SECONDS = 75
_MAX_BODY = 2_000_000


class SandboxServer:
    """A sandbox on 127.0.0.1, running between `start` and `stop`, or as a context manager.

    Port 0 takes a free one; `port` then says which.
    """

    def __init__(self, config: SandboxConfig, port: int) -> None:
        self._http = _HttpServer(("127.0.0.1", port), _Handler)
        self.port: int = self._http.server_address[1]
        own = f"http://127.0.0.1:{self.port}"
        self.config = replace(config, base_url=config.base_url or own)
        self._http.app = create_sandbox(self.config)
        self.sandbox: Sandbox = self._http.app.extensions["sandbox"]
        self.postman = Postman(self.sandbox.store, self.sandbox.faults, self.config)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,))

    def __enter__(self) -> SandboxServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        self.postman.start()
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being answered, then let go of port, threads and state file."""
        self.sandbox.faults.stop()
        self._http.shutdown()
        self._thread.join()
        self._http.hang_up()
        self._http.server_close()
        self.postman.stop()
        self.sandbox.close()


class _HttpServer(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = False
    app: Flask

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._idle: set[socket.socket] = set()
        self._idle_lock = threading.Lock()
        self._closing = False

    def wait_for_request(self, connection: socket.socket) -> bool:
        """Note a connection that waits for its next request; False once the server closes."""
        with self._idle_lock:
            if not self._closing:
                self._idle.add(connection)
            return not self._closing

    def has_request(self, connection: socket.socket) -> None:
        with self._idle_lock:
            self._idle.discard(connection)

    def hang_up(self) -> None:
        with self._idle_lock:
            self._closing = True
            for connection in self._idle:
                with suppress(OSError):  # it may have gone away by itself
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "TillSandbox"
    sys_version = ""
    timeout = _IDLE_SECONDS
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _HttpServer

    def handle_one_request(self) -> None:
        if not self.server.wait_for_request(self.connection):
            self.close_connection = True
            return
        try:
            super().handle_one_request()
        finally:
            self.server.has_request(self.connection)

    def _answer(self) -> None:
        self.server.has_request(self.connection)
        body = self._body()
        if body is None:
            return
        self._cut = False
        content, status, headers = run_wsgi_app(self.server.app, self._environ(body), buffered=True)
        if not self._cut:
            self._send(status, headers.to_wsgi_list(), b"".join(content))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer

    def _body(self) -> bytes | None:
        """The whole body, so that the next request starts where this one ends."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isascii() or not length.isdigit():
            self.send_error(411)
            return None
        if int(length) > _MAX_BODY:
            self.send_error(413)
            return None
        return self.rfile.read(int(length))

    def _environ(self, body: bytes) -> dict[str, Any]:
        parts = urlsplit(self.path)
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": self.client_address[0],
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "sandbox.cut": self._cut_connection,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                environ[f"HTTP_{key}"] = value
        return environ

    def _cut_connection(self) -> None:
        """Drop the connection with a reset, as a failing network does."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self._cut = True

    def _send(self, status: str, headers: list[tuple[str, str]], content: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            if name.lower() not in ("content-length", "server", "date"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the dashboard shows what happened."""
