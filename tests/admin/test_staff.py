"""Inviting people, giving them roles, and closing their accounts."""

from __future__ import annotations

import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.accounts import service as accounts
from shop.accounts.models import Account, AccountSession, Role
from shop.accounts.permissions import Access, Area
from shop.accounts.staff import service
from shop.accounts.staff.letters import LETTERS
from shop.accounts.staff.models import StaffInvitation
from shop.audit import AuditEntry
from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.outbox.models import OutboxMessage
from tests.accounts.people import be_signed_in, make_account, make_admin
from tests.factories import make_store

PASSWORD = "a long enough password"


def role_id(name: str) -> int:
    return db.session.scalars(sa.select(Role.id).where(Role.name == name)).one()


def make_staff(role: str, **values: object) -> Account:
    return make_account(roles=(role,), **values)


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def invite(client: FlaskClient, email: str = "ina@example.com", role: str = "editor") -> str:
    """The path of the mailed link."""
    answer = client.post(
        "/admin/settings/staff/invitations/new",
        data={"email": email, "name": "Ina", "role": str(role_id(role))},
    )
    assert answer.status_code == 303
    return newest_path()


def newest_path() -> str:
    message = db.session.scalars(
        sa.select(OutboxMessage)
        .where(OutboxMessage.name == service.INVITED)
        .order_by(OutboxMessage.id.desc())
    ).first()
    assert message is not None
    letter = LETTERS[service.INVITED](message.payload)
    assert letter is not None
    return urlsplit(letter.context["url"]).path


def join(client: FlaskClient, path: str, **values: str) -> int:
    return client.post(path, data={"name": "Ina Berg", "password": PASSWORD} | values).status_code


def test_somebody_is_invited_joins_and_works(staff: FlaskClient, client: FlaskClient) -> None:
    path = invite(staff)
    guest = staff.application.test_client()

    assert "as ina@example.com" in guest.get(path).text
    assert join(guest, path) == 303

    account = db.session.scalars(sa.select(Account).where(Account.name == "Ina Berg")).one()
    assert ([role.name for role in account.roles], account.active) == (["editor"], True)
    assert guest.get("/admin/pages").status_code == 200
    assert guest.get("/admin/orders").status_code == 403
    assert actions() == ["staff.invited", "staff.joined"]


def test_a_link_works_once(staff: FlaskClient) -> None:
    path = invite(staff)
    guest = staff.application.test_client()
    assert join(guest, path) == 303

    assert guest.get(path).status_code == 404
    assert join(staff.application.test_client(), path, name="Somebody else") == 404
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StaffInvitation)) == 0


def test_sending_again_and_revoking_make_old_links_worthless(staff: FlaskClient) -> None:
    old = invite(staff)
    invitation = db.session.scalars(sa.select(StaffInvitation.id)).one()
    guest = staff.application.test_client()

    staff.post(f"/admin/settings/staff/invitations/{invitation}/mails")
    new = newest_path()

    assert (guest.get(old).status_code, guest.get(new).status_code) == (404, 200)
    staff.post(f"/admin/settings/staff/invitations/{invitation}/delete")
    assert (guest.get(new).status_code, join(guest, new)) == (404, 404)
    assert actions() == ["staff.invited", "staff.invited_again", "staff.invitation_revoked"]


def test_an_invitation_ends_by_itself(staff: FlaskClient) -> None:
    path = invite(staff)

    with time_machine.travel(now() + service.GOOD_FOR + timedelta(minutes=1), tick=False):
        assert staff.application.test_client().get(path).status_code == 404
        assert join(staff.application.test_client(), path) == 404


@pytest.mark.parametrize("path", ["x", "InRlc3QiLg", "WzFd.abc"])
def test_made_up_links_lead_nowhere(client: FlaskClient, path: str) -> None:
    make_store()

    assert client.get(f"/staff-invitations/{path}").status_code == 404


def test_joining_asks_for_a_name_and_a_long_password(staff: FlaskClient) -> None:
    path = invite(staff)
    guest = staff.application.test_client()

    page = guest.post(path, data={"name": "", "password": "short"})

    assert page.status_code == 422
    assert "Type your name." in page.text
    assert "12 to 256 characters" in page.text
    assert guest.get(path).status_code == 200


def test_a_customer_who_joins_keeps_the_account(staff: FlaskClient) -> None:
    customer = make_account(email="ina@example.com")
    customer_id, before = customer.id, customer.fs_uniquifier
    path = invite(staff)

    assert join(staff.application.test_client(), path) == 303

    account = db.session.get_one(Account, customer_id, populate_existing=True)
    assert account.is_staff
    assert account.fs_uniquifier != before


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"email": "nobody"}, "That is not an email address"),
        ({"role": "999"}, "Choose one of the roles."),
        ({"role": ""}, "Choose a role."),
        ({"email": "MAYA@example.com"}, "on the staff already"),
        ({"email": "open@example.com"}, "invited already"),
    ],
)
def test_invitations_that_cannot_be(
    staff: FlaskClient, values: dict[str, str], sentence: str
) -> None:
    invite(staff, "open@example.com")
    before = actions()

    page = staff.post(
        "/admin/settings/staff/invitations/new",
        data={"email": "ina@example.com", "name": "Ina", "role": str(role_id("editor"))} | values,
    )

    assert page.status_code == 422
    assert sentence in page.text
    assert 'value="Ina"' in page.text
    assert actions() == before
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StaffInvitation)) == 1


def test_a_new_role_counts_at_the_next_request(staff: FlaskClient) -> None:
    member = make_staff("editor")
    theirs = staff.application.test_client()
    be_signed_in(theirs, member)
    assert theirs.get("/admin/orders").status_code == 403

    answer = staff.post(f"/admin/settings/staff/{member.id}", data={"role": role_id("support")})

    assert answer.status_code == 303
    assert theirs.get("/admin/orders").status_code == 200
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.data) == ("staff.role_changed", {"role": ["editor", "support"]})


def test_deactivating_signs_out_and_reactivating_lets_in(staff: FlaskClient) -> None:
    member = make_staff("editor", email="ed@example.com")
    theirs = staff.application.test_client()
    be_signed_in(theirs, member)

    staff.post(f"/admin/settings/staff/{member.id}/activation", data={"active": "0"})
    assert theirs.get("/admin").status_code == 303
    assert "Deactivated" in staff.get("/admin/settings/staff").text

    staff.post(f"/admin/settings/staff/{member.id}/activation", data={"active": "1"})
    assert db.session.get_one(Account, member.id, populate_existing=True).active
    assert actions() == ["account.disabled", "account.enabled"]


def test_who_is_removed_is_a_customer(staff: FlaskClient) -> None:
    member = make_staff("editor")

    answer = staff.post(f"/admin/settings/staff/{member.id}/removal")

    assert answer.location == "/admin/settings/staff"
    assert not db.session.get_one(Account, member.id, populate_existing=True).is_staff
    assert staff.get(f"/admin/settings/staff/{member.id}").status_code == 404


def test_sessions_are_shown_and_ended(staff: FlaskClient) -> None:
    member = make_staff("editor")
    one, other = staff.application.test_client(), staff.application.test_client()
    be_signed_in(one, member)
    be_signed_in(other, member)
    first = db.session.scalars(
        sa.select(AccountSession.id).where(AccountSession.account_id == member.id)
    ).first()
    path = f"/admin/settings/staff/{member.id}"
    assert staff.get(path).text.count("Unknown browser") >= 2

    staff.post(f"{path}/sessions/{first}/delete")
    assert (one.get("/admin").status_code, other.get("/admin").status_code) == (303, 200)

    staff.post(f"{path}/sessions/delete")
    assert other.get("/admin").status_code == 303
    assert staff.post(f"{path}/sessions/999/delete").status_code == 404


@pytest.mark.parametrize(
    "what", ["", "/activation", "/removal", "/sessions/delete", "/sessions/1/delete"]
)
def test_nobody_manages_themselves(staff: FlaskClient, admin: Account, what: str) -> None:
    make_admin()

    answer = staff.post(
        f"/admin/settings/staff/{admin.id}{what}", data={"role": role_id("editor"), "active": "0"}
    )

    assert answer.status_code == 403
    account = db.session.get_one(Account, admin.id, populate_existing=True)
    assert (account.is_owner, account.active) == (True, True)
    assert actions() == []


@pytest.fixture
def head(client: FlaskClient) -> FlaskClient:
    """Signed in as somebody who manages staff and owns nothing."""
    make_store()
    role = Role(name="own-head", title="Head", permissions=["staff:change", "orders:change"])
    db.session.add(role)
    account = make_account()
    account.roles = [role]
    db.session.flush()
    be_signed_in(client, account)
    return client


def test_nobody_gives_more_than_they_have(head: FlaskClient) -> None:
    owner, editor = make_admin(), make_staff("editor")
    packer = Role(name="own-packer", title="Packer", permissions=["orders:see"])
    db.session.add(packer)
    db.session.flush()
    member = make_account()
    member.roles = [packer]
    page = head.get(f"/admin/settings/staff/{member.id}").text

    answers = [
        head.post(f"/admin/settings/staff/{member.id}", data={"role": role_id("owner")}),
        head.post(f"/admin/settings/staff/{member.id}", data={"role": role_id("editor")}),
        head.post(f"/admin/settings/staff/{owner.id}/activation", data={"active": "0"}),
        head.post(f"/admin/settings/staff/{editor.id}/removal"),
        head.post(f"/admin/settings/staff/roles/{role_id('editor')}", data={"title": "Ed"}),
        head.post("/admin/settings/staff/roles/new", data={"title": "Sly", "settings": "change"}),
        head.post(
            "/admin/settings/staff/invitations/new",
            data={"email": "x@example.com", "role": role_id("owner")},
        ),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 403, 403, 403, 403, 422]
    assert ">Owner<" not in page
    assert ">Packer<" in page
    assert actions() == []


def test_the_last_owner_stays_whoever_asks(app: Flask) -> None:
    """The page offers nobody to act on themselves; the rule holds without it."""
    owner, other = make_admin(), make_admin(active=False)
    editor = db.session.get_one(Role, role_id("editor"))

    with pytest.raises(accounts.LastOwner):
        service.change_role(owner, editor, by=other)
    with pytest.raises(accounts.LastOwner):
        service.set_active(owner, False, by=other)
    with pytest.raises(accounts.LastOwner):
        service.remove(owner, by=other)

    assert (owner.is_owner, owner.active) == (True, True)
    assert actions() == []


@pytest.mark.parametrize("ways", [("demote", "demote"), ("demote", "close"), ("close", "remove")])
def test_two_owners_who_take_each_other_out_at_once_leave_one(
    own_database: Flask, ways: tuple[str, str]
) -> None:
    with own_database.app_context():
        ids = [make_admin().id, make_admin().id]
        db.session.commit()
    barrier, ended = threading.Barrier(2), []

    def act(way: str, mine: int, theirs: int) -> None:
        with own_database.app_context():

            def work() -> None:
                by = db.session.get_one(Account, mine)
                account = db.session.get_one(Account, theirs)
                if way == "demote":
                    role = db.session.get_one(Role, role_id("editor"))
                    service.change_role(account, role, by=by)
                elif way == "close":
                    service.set_active(account, False, by=by)
                else:
                    service.remove(account, by=by)

            barrier.wait()
            try:
                in_transaction(work)
            except (accounts.LastOwner, service.BeyondOwnRights):
                ended.append("refused")

    threads = [
        threading.Thread(target=act, args=(ways[0], ids[0], ids[1])),
        threading.Thread(target=act, args=(ways[1], ids[1], ids[0])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with own_database.app_context():
        left = [account for account in db.session.scalars(sa.select(Account))
                if account.active and account.is_owner]  # fmt: skip
        assert (len(left), ended) == (1, ["refused"])


# Roles -------------------------------------------------------------------------------------------


def test_a_role_of_their_own(staff: FlaskClient) -> None:
    answer = staff.post(
        "/admin/settings/staff/roles/new",
        data={"title": "Packing", "orders": "change", "products": "see"},
    )

    role = db.session.scalars(sa.select(Role).where(Role.title == "Packing")).one()
    assert answer.location == f"/admin/settings/staff/roles/{role.id}"
    assert (role.grid[Area.ORDERS], role.grid[Area.PRODUCTS], role.grid[Area.STAFF]) == (
        Access.CHANGE,
        Access.SEE,
        Access.NONE,
    )
    assert "Packing" in staff.get("/admin/settings/staff/roles").text


def test_a_preset_is_changed_and_keeps_its_name_in_every_language(staff: FlaskClient) -> None:
    editor = role_id("editor")

    staff.post(f"/admin/settings/staff/roles/{editor}", data={"title": "Editor", "orders": "see"})

    role = db.session.get_one(Role, editor, populate_existing=True)
    assert (role.title, role.permissions) == (None, ["orders:see"])
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert entry.action == "role.changed"
    assert entry.data["permissions"][1] == ["orders:see"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"title": ""}, "Give the role a name."),
        ({"title": "manager"}, "Another role is called that."),
        ({"title": "x" * 81}, "at most 80 characters"),
        ({"orders": "everything"}, "Choose how far this role gets here."),
    ],
)
def test_roles_that_cannot_be(staff: FlaskClient, values: dict[str, str], sentence: str) -> None:
    page = staff.post("/admin/settings/staff/roles/new", data={"title": "New"} | values)

    assert page.status_code == 422
    assert sentence in page.text
    assert actions() == []


def test_only_a_role_that_nobody_has_is_deleted(staff: FlaskClient) -> None:
    make_staff("editor")
    invite(staff, role="support")
    paths = {name: f"/admin/settings/staff/roles/{role_id(name)}/delete"
             for name in ("editor", "support", "fulfillment", "owner")}  # fmt: skip

    answers = {name: staff.post(path).status_code for name, path in paths.items()}

    assert answers == {"editor": 409, "support": 409, "fulfillment": 303, "owner": 403}
    names = set(db.session.scalars(sa.select(Role.name)))
    assert names == {"owner", "manager", "editor", "support", "read_only"}


def test_lists_take_a_fixed_number_of_queries(staff: FlaskClient, count_queries: object) -> None:
    for number in range(30):
        make_staff("editor", name=f"Person {number:02}")
    staff.get("/admin/settings/staff")

    with count_queries() as statements:
        page = staff.get("/admin/settings/staff")

    assert page.text.count("/admin/settings/staff/") >= 25
    assert "page=2" in page.text
    assert len(statements) <= 8
    assert "Person 07" in staff.get("/admin/settings/staff?q=person+07").text
