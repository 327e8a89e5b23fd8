"""One API request: key, faults, parameters, idempotency, one transaction, one answer."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from .config import API_VERSION, SandboxConfig
from .errors import ApiError
from .expand import present
from .faults import Faults
from .formdata import parse_pairs
from .ids import request_id
from .params import Hash
from .store import Doc, Store, Work
from .tasks import run_due

_FORM = "application/x-www-form-urlencoded"
_KEYS_LIVE = 86_400

#: Takes the transaction, the checked parameters, and the ids in the path.
Handler = Callable[..., Doc]


class Api:
    """What requests share. `endpoint` makes a view from a schema and a handler."""

    def __init__(self, config: SandboxConfig, store: Store, faults: Faults) -> None:
        self._config = config
        self._store = store
        self._faults = faults
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    def blueprint(self) -> Blueprint:
        v1 = Blueprint("v1", __name__)
        v1.before_request(self._begin)
        v1.after_request(self._finish)
        v1.register_error_handler(ApiError, _error)
        v1.register_error_handler(HTTPException, _http_error)
        return v1

    def endpoint(self, schema: Hash, handler: Handler) -> Callable[..., Response]:
        def view(**ids: str) -> Response:
            params = schema.read(_given())
            if request.method == "GET":
                return _json(200, self._run(handler, params, ids))
            return self._once(handler, params, ids)

        return view

    def _begin(self) -> None:
        g.request_id = request_id()
        g.headers = {}
        self._check_key()
        version = request.headers.get("Stripe-Version", API_VERSION)
        if version != API_VERSION:
            raise ApiError(f"The sandbox speaks {API_VERSION} only, not {version}.")
        if self._faults.take("rate_limit_next", request.path):
            raise ApiError("Too many requests.", status=429, code="rate_limit")
        if self._faults.take("error_500_next", request.path):
            raise _server_error()

    def _check_key(self) -> None:
        given = _bearer() or ""
        if not given:
            message = "You did not provide an API key. Use 'Authorization: Bearer YOUR_KEY'."
            raise ApiError(message, status=401)
        if not hmac.compare_digest(given.encode(), self._config.key.encode()):
            shown = f"{given[:8]}{'*' * 12}{given[-4:]}" if len(given) > 16 else "***"
            raise ApiError(f"Invalid API Key provided: {shown}", status=401)

    def _finish(self, response: Response) -> Response:
        response.headers["Request-Id"] = g.request_id
        response.headers["Stripe-Version"] = API_VERSION
        response.headers["Cache-Control"] = "no-cache, no-store"
        response.headers.update(g.headers)
        worked = response.status_code == 200
        if worked and self._faults.take("reset_after_work", request.path):
            request.environ.get("sandbox.cut", _cannot_cut)()
        return response

    def _once(self, handler: Handler, params: Doc, ids: dict[str, str]) -> Response:
        """Do a POST or DELETE, or answer as before when its Idempotency-Key has been used."""
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return _json(200, self._run(handler, params, ids))
        if not 0 < len(key) <= 255:
            raise ApiError(
                "Idempotency-Key must have 1 to 255 characters.", kind="idempotency_error"
            )
        g.headers["Idempotency-Key"] = key
        with self._alone(key):
            return self._replayed(key) or self._first(key, handler, params, ids)

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Refuse a second request with the same key while the first is being done."""
        with self._lock:
            if key in self._busy:
                raise ApiError(
                    f"Another request with the idempotency key {key} is still being processed. "
                    "Please try again later.",
                    status=409,
                    code="idempotency_key_in_use",
                )
            self._busy.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(key)

    def _replayed(self, key: str) -> Response | None:
        with self._store.reading() as work:
            row = work.sql("SELECT * FROM idempotency WHERE key = ?", (key,)).fetchone()
            if row is None or row["created"] < work.now - _KEYS_LIVE:
                return None
        if row["fingerprint"] != _fingerprint():
            raise ApiError(
                "Keys for idempotent requests can only be used with the same parameters and "
                f"endpoint they were first used with. '{key}' was used for a different request.",
                kind="idempotency_error",
            )
        g.headers |= {"Idempotent-Replayed": "true", "Original-Request": row["request_id"]}
        return Response(row["body"], row["status"], mimetype="application/json")

    def _first(self, key: str, handler: Handler, params: Doc, ids: dict[str, str]) -> Response:
        if self._faults.take("error_500_stored_next", request.path):
            error = _server_error()
            with self._store.writing() as work:
                _remember(work, key, error.status, json.dumps(error.envelope))
            raise error
        return _json(200, self._run(handler, params, ids, key))

    def _run(
        self, handler: Handler, params: Doc, ids: dict[str, str], key: str | None = None
    ) -> str:
        """The work and, in the same transaction, the memory of its answer."""
        self._faults.hang(request.path)
        with self._store.writing() as work:
            run_due(work)
            work.request_id, work.idempotency_key = g.request_id, key
            answer = handler(work, params, **ids)
            body = json.dumps(present(work, answer, params.get("expand", ())))
            if key is not None:
                _remember(work, key, 200, body)
        return body


def unknown_path(**_: str) -> Response:
    raise ApiError(f"Unrecognized request URL ({request.method}: {request.path}).", status=404)


def _bearer() -> str | None:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind == "Bearer":
        return value.strip()
    if kind != "Basic":
        return None
    try:
        return base64.b64decode(value).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return None


def _given() -> dict[str, Any]:
    if request.method == "GET":
        return parse_pairs(request.args.items(multi=True))
    if request.content_length and request.mimetype != _FORM:
        raise ApiError(f"Invalid request: the content type of a POST must be {_FORM}.")
    pairs = [*request.args.items(multi=True), *request.form.items(multi=True)]
    return parse_pairs(pairs)


def _fingerprint() -> str:
    pairs = sorted(request.form.items(multi=True))
    text = json.dumps([request.method, request.path, pairs])
    return hashlib.sha256(text.encode()).hexdigest()


def _remember(work: Work, key: str, status: int, body: str) -> None:
    work.sql(
        "INSERT OR REPLACE INTO idempotency (key, fingerprint, status, body, request_id, created) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (key, _fingerprint(), status, body, g.request_id, work.now),
    )


def _json(status: int, body: str) -> Response:
    return Response(body, status, mimetype="application/json")


def _error(error: ApiError) -> Response:
    return _json(error.status, json.dumps(error.envelope))


def _http_error(error: HTTPException) -> Response:
    """Flask's own refusals, such as a body that is too large, in Stripe's format."""
    code = error.code or 500
    kind = "api_error" if code >= 500 else "invalid_request_error"
    return _error(ApiError(error.description or error.name, status=code, kind=kind))


def _server_error() -> ApiError:
    message = "An unknown error occurred. (This is a fault switch of the sandbox.)"
    return ApiError(message, status=500, kind="api_error")


def _cannot_cut() -> None:
    raise RuntimeError("reset_after_work needs the sandbox's own server")
