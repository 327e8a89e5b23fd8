"""Checking request parameters the way Stripe does: typed values out, or the right refusal.

A shape is built from small checks: `Hash({"amount": Integer(minimum=1)}, required={"amount"})`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from .errors import ApiError, missing_param, not_simulated, unknown_param


class Check(Protocol):
    def read(self, value: Any, name: str) -> Any: ...


@dataclass(frozen=True)
class Text:
    """`clearable`: an empty string is allowed and means "no value"."""

    maximum: int = 5000
    pattern: str | None = None
    clearable: bool = False

    def read(self, value: Any, name: str) -> str:
        if not isinstance(value, str):
            raise ApiError(f"Invalid string: {name} must be a single value.", param=name)
        if value == "" and not self.clearable:
            raise _empty(name)
        if len(value) > self.maximum:
            message = f"Invalid string: {name} must be at most {self.maximum} characters"
            raise ApiError(message, param=name)
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise ApiError(f"Invalid {name}: {value}", param=name)
        return value


@dataclass(frozen=True)
class Integer:
    minimum: int | None = None
    maximum: int | None = None

    def read(self, value: Any, name: str) -> int:
        if value == "":
            raise _empty(name)
        if not isinstance(value, str) or not re.fullmatch("-?[0-9]{1,18}", value):
            message = f"Invalid integer: {value}"
            raise ApiError(message, code="parameter_invalid_integer", param=name)
        number = int(value)
        if self.minimum is not None and number < self.minimum:
            message = f"Invalid value: {name} must be greater than or equal to {self.minimum}."
            raise ApiError(message, code="parameter_invalid_integer", param=name)
        if self.maximum is not None and number > self.maximum:
            message = f"Invalid value: {name} must be less than or equal to {self.maximum}."
            raise ApiError(message, code="parameter_invalid_integer", param=name)
        return number


@dataclass(frozen=True)
class Decimals:
    """A percentage: more than 0, at most 100, up to two digits after the point."""

    def read(self, value: Any, name: str) -> float:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", value):
            raise ApiError(f"Invalid decimal: {value}", param=name)
        if not 0 < float(value) <= 100:
            raise ApiError(f"Invalid value: {name} must be between 0 and 100.", param=name)
        return float(value)


@dataclass(frozen=True)
class Flag:
    def read(self, value: Any, name: str) -> bool:
        if value == "":
            raise _empty(name)
        if value not in ("true", "false"):
            raise ApiError(f"Invalid boolean: {value}", param=name)
        return bool(value == "true")


@dataclass(frozen=True)
class Choice:
    options: tuple[str, ...]

    def read(self, value: Any, name: str) -> str:
        if value == "":
            raise _empty(name)
        if value not in self.options:
            wanted = ", ".join(self.options)
            raise ApiError(f"Invalid {name}: must be one of {wanted}", param=name)
        return str(value)


@dataclass(frozen=True)
class Url:
    """An absolute http or https address."""

    maximum: int = 5000

    def read(self, value: Any, name: str) -> str:
        text = Text(self.maximum).read(value, name)
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.hostname or " " in text:
            message = "Not a valid URL: it must be absolute, with http:// or https://"
            raise ApiError(message, code="url_invalid", param=name)
        return text


@dataclass(frozen=True)
class Email:
    clearable: bool = False

    def read(self, value: Any, name: str) -> str:
        text = Text(800, clearable=self.clearable).read(value, name)
        if text and not is_email(text):
            message = f"Invalid email address: {text}"
            raise ApiError(message, code="email_invalid", param=name)
        return text


def is_email(text: str) -> bool:
    return re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;.]+(\.[^@\s<>,;.]+)+", text) is not None


@dataclass(frozen=True)
class Metadata:
    """Up to 50 keys of 40 characters without brackets, values of 500; an empty value unsets."""

    def read(self, value: Any, name: str) -> dict[str, str]:
        if value == "":
            return {}
        if isinstance(value, list):  # keys that are all digits look like a list
            value = {str(index): item for index, item in enumerate(value)}
        if not isinstance(value, dict):
            raise ApiError("Invalid metadata: it must be a hash.", param=name)
        if len(value) > 50:
            raise ApiError(f"{name} has {len(value)} keys; at most 50 are allowed.", param=name)
        for key, item in value.items():
            self._check(key, item, f"{name}[{key}]")
        return value

    def _check(self, key: str, item: Any, name: str) -> None:
        if len(key) > 40:
            raise ApiError(f"Metadata keys may have 40 characters; {key} is longer.", param=name)
        if not isinstance(item, str):
            raise ApiError("Metadata values must be strings.", param=name)
        if len(item) > 500:
            message = f"Metadata values may have 500 characters; {name} has {len(item)}."
            raise ApiError(message, param=name)


@dataclass(frozen=True)
class Unsimulated:
    """Stripe has it, the sandbox does not."""

    def read(self, value: Any, name: str) -> Any:
        raise not_simulated(name)


@dataclass(frozen=True)
class Anything:
    """Accepted and kept out of the way: it changes nothing the sandbox shows."""

    def read(self, value: Any, name: str) -> Any:
        return value


@dataclass(frozen=True)
class Array:
    of: Check
    maximum: int = 100

    def read(self, value: Any, name: str) -> list[Any]:
        if value == "":
            raise _empty(name)
        if not isinstance(value, list):
            raise ApiError(f"Invalid array: {name} must be a list.", param=name)
        if len(value) > self.maximum:
            message = f"Array {name} exceeded maximum {self.maximum} allowed elements."
            raise ApiError(message, param=name)
        return [self.of.read(item, f"{name}[{index}]") for index, item in enumerate(value)]


@dataclass(frozen=True)
class Hash:
    """`exclusive` holds pairs of which at most one may be given."""

    fields: Mapping[str, Check]
    required: Collection[str] = ()
    exclusive: tuple[tuple[str, str], ...] = field(default=())

    def read(self, value: Any, name: str = "") -> dict[str, Any]:
        if value == "":
            raise _empty(name)
        if not isinstance(value, dict):
            raise ApiError(f"Invalid object: {name} must be a hash.", param=name)
        if unknown := [self._inner(name, key) for key in value if key not in self.fields]:
            raise unknown_param(*unknown)
        for key in self.required:
            if key not in value:
                raise missing_param(self._inner(name, key))
        self._refuse_pairs(value, name)
        return {
            key: self.fields[key].read(item, self._inner(name, key)) for key, item in value.items()
        }

    def _refuse_pairs(self, value: Mapping[str, Any], name: str) -> None:
        for first, second in self.exclusive:
            if first in value and second in value:
                message = f"You may only specify one of these parameters: {first}, {second}."
                param = self._inner(name, first)
                raise ApiError(message, code="parameters_exclusive", param=param)

    @staticmethod
    def _inner(name: str, key: str) -> str:
        return f"{name}[{key}]" if name else key


def _empty(name: str) -> ApiError:
    message = (
        f"You passed an empty string for '{name}', which would unset it, but it cannot be unset. "
        f"Leave '{name}' out or give it a value."
    )
    return ApiError(message, code="parameter_invalid_empty", param=name)


def merge_metadata(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """An update adds and replaces keys; an empty value removes its key."""
    merged = {**old, **new}
    return {key: value for key, value in merged.items() if value != ""}
