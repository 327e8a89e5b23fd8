"""The mail that shows that mails arrive."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from shop.outbox.mailer import Facts, Letter
from shop.setup import service


def _test(payload: dict[str, Any]) -> Letter:
    return Letter(
        to=payload["email"],
        language=payload["language"],
        subject=_("Your shop can send mails"),
        template="setup/test",
    )


LETTERS: dict[str, Facts] = {service.TEST_MAIL: _test}
