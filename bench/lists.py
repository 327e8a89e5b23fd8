"""The admin's index pages, and how they are looked at: narrowed, searched, sorted, leafed through.

A test asks each of them how many questions it puts to the database, and fails where the admin has a
page that is neither here nor among those that list nothing which grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from shop.clock import now
from shop.web.pagination import FARTHEST


@dataclass(frozen=True)
class ListPage:
    """An index page. `rows`: what it lists."""

    path: str
    rows: str
    #: Queries of addresses beside the plain one. The last page is -1 for whoever follows a link;
    #: LAST stands for the last one with a number from the beginning.
    looks: tuple[str, ...] = ()
    per_page: int = 25
    #: Rows of one that is listed: variants of a product.
    times: float = 1
    #: Not a list, but measured with them.
    is_list: bool = True

    def last_page(self, size: int) -> int:
        """The farthest that has one, in a long list."""
        return max(1, min(FARTHEST, int(size * self.times) // self.per_page))

    def addresses(self, size: int) -> list[str]:
        """The plain one first; in the same order for every size."""
        number = str(self.last_page(size))
        today = now().date()
        days = LATELY.format_map({"from": today - 6 * _DAY, "to": today - 3 * _DAY})
        looks = (look.replace(LAST, number).replace(LATELY, days) for look in self.looks)
        queries = ("", *(f"?{look}" for look in looks))
        return [self.path + query for query in queries]

    @property
    def names(self) -> list[str]:
        """Of the looks, as a table tells them."""
        looks = (
            look.replace(LAST, "last").replace(LATELY, "since=..&until=..") for look in self.looks
        )
        return [self.path, *(f"{self.path}?{look}" for look in looks)]


LAST = "{last}"
_DAY = timedelta(days=1)
#: Some days of which every shop has more than a page.
LATELY = "since={from}&until={to}"
#: One match, matches everywhere, none.
_PERSON = ("q=keller826@", "q=keller", "q=example.com", "q=zzqqzz")
PAGES = (
    ListPage(
        "/admin/products",
        "products",
        (
            "sort=title",
            "sort=changed",
            "show=published",
            "show=draft",
            "show=scheduled",
            "show=low",
            "show=archived",
            "stock=in",
            "stock=out",
            "stock=uncounted",
            "collection=3",
            "tag=harbor",
            "type=Mugs",
            "vendor=Fettle",
            "from=20&to=30",
            "q=FT-000777",
            "q=harbor",
            "q=mug+777",
            "q=zzqqzz",
            "q=harbor&show=draft",
            "page=-1",
            "sort=title&page=-1",
            "page={last}",
        ),
        times=0.99,
    ),
    ListPage("/admin/products/jobs", "jobs", ("page=-1",)),
    ListPage(
        "/admin/orders",
        "orders",
        (
            "show=send",
            "show=paid",
            "show=unpaid",
            "show=review",
            "show=refunded",
            "show=closed",
            "sent=unfulfilled",
            "sent=fulfilled",
            "country=DE",
            "tag=gift",
            "tag=fragile",
            LATELY,
            *_PERSON,
            "q=1777",
            "q=keller&show=send",
            "page=-1",
            "page={last}",
        ),
    ),
    ListPage(
        "/admin/customers",
        "customers",
        (*_PERSON, "q=wholesale", "q=1777", "page=-1"),
    ),
    ListPage(
        "/admin/newsletter",
        "subscribers",
        ("show=subscribed", "show=asked", "show=ended", *_PERSON, "page=-1"),
    ),
    ListPage(
        "/admin/inventory",
        "variants",
        (
            "sort=sku",
            "sort=least",
            "sort=most",
            "show=low",
            "show=out",
            "show=ahead",
            "show=untracked",
            "show=out&sort=least",
            "collection=3",
            "q=FT-000777-1",
            "q=harbor",
            "q=mug+777",
            "q=zzqqzz",
            "q=harbor&show=out",
            "page=-1",
            "sort=least&page=-1",
            "sort=sku&page=-1",
            "page={last}",
        ),
        per_page=50,
        times=2.5,
    ),
    ListPage("/admin/inventory/waiting", "reservations that wait", ("page=-1",), per_page=50),
    ListPage(
        "/admin/inventory/incoming",
        "orders from suppliers",
        (
            "show=closed",
            "show=all",
            "show=all&q=PO-777",
            "show=all&q=keller",
            "show=all&q=zzqqzz",
            "show=all&page=-1",
        ),
    ),
    ListPage("/admin/inventory/counts", "stock takes", ("page=-1",)),
    ListPage(
        "/admin/discounts",
        "discounts",
        (
            "show=active",
            "show=scheduled",
            "show=over",
            "show=paused",
            "q=CODE777",
            "q=keller",
            "q=zzqqzz",
            "page=-1",
        ),
    ),
    ListPage(
        "/admin/gift-cards",
        "gift cards",
        (
            "show=active",
            "show=used_up",
            "show=expired",
            "show=disabled",
            *_PERSON,
            "q=0777",
            "page=-1",
        ),
    ),
    ListPage(
        "/admin/reviews",
        "reviews",
        (
            "show=published",
            "show=rejected",
            "show=all",
            "show=all&rating=1",
            "show=all&q=review+777",
            "show=all&q=keller",
            "show=all&q=zzqqzz",
            "show=all&page=-1",
        ),
    ),
    ListPage("/admin/collections", "collections"),
    ListPage("/admin/pages", "pages", ("q=page+777", "q=keller", "q=zzqqzz", "page=-1")),
    ListPage("/admin/journal", "articles", ("q=article+777", "q=keller", "q=zzqqzz", "page=-1")),
    ListPage("/admin/redirects", "redirects", ("q=new-777", "q=keller", "q=zzqqzz", "page=-1")),
    ListPage(
        "/admin/searches",
        "searched words",
        ("days=7", "days=90", "show=nothing", "q=keller", "q=zzqqzz", "page=2"),
    ),
    ListPage("/admin/searches/synonyms", "synonyms", ("q=cup+777", "q=mug", "q=zzqqzz", "page=-1")),
    ListPage(
        "/admin/settings/activity",
        "entries",
        (
            "person=10000003",
            "person=0",
            "kind=product",
            "kind=redirect",
            "action=changed",
            "action=deleted",
            "action=restored",
            "show=kept",
            "kind=product&id=777",
            LATELY,
            "q=keller+826",
            "q=keller",
            "q=zzqqzz",
            "page=-1",
        ),
    ),
    ListPage(
        "/admin/settings/payments/events",
        "events",
        (
            "show=done",
            "show=ignored",
            "show=failed",
            "type=charge.refunded",
            "q=evt_777",
            "q=cs_777",
            "q=1777",
            "q=zzqqzz",
            "page=-1",
        ),
    ),
    ListPage(
        "/admin/settings/outbox",
        "messages",
        ("show=failed", "show=waiting", "show=sent", "page=-1"),
    ),
    ListPage("/admin/imports", "imports", ("page=-1",)),
    ListPage("/admin/settings/abandoned-checkouts", "abandoned checkouts", is_list=False),
    ListPage("/admin/settings/staff", "accounts", ("q=keller", "q=zzqqzz")),
    ListPage("/admin/settings/staff/roles", "roles", is_list=False),
    ListPage(
        "/admin/settings/currencies/EUR/prices",
        "variants",
        ("q=FT-000777-1", "q=harbor", "q=zzqqzz", "page=-1"),
        times=2.5,
    ),
    ListPage(
        "/admin/search",
        "everything",
        ("q=keller826", "q=keller", "q=harbor", "q=1777", "q=zzqqzz"),
        is_list=False,
    ),
    ListPage("/admin", "what is to do", ("days=30", "days=90"), is_list=False),
)
