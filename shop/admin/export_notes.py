"""Who took a file with personal data out of the shop, for the audit trail."""

from __future__ import annotations

from shop import audit
from shop.admin.access import staff
from shop.database import transaction


def note_export(of: str, *, is_part: bool) -> None:
    """`of`: what the file lists, all or a part. What was searched for is not kept: it may be
    somebody's name.
    """
    by = staff().id
    with transaction():
        audit.record(
            by, f"{of}.exported", subject_kind="export", subject_id=1, of=of,
            is_part=is_part,
        )  # fmt: skip
