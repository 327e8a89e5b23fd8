"""The staff: the list of them, who is invited, and one person with role and sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts import queries as accounts
from shop.accounts.models import Account, Role
from shop.accounts.role_words import name_of
from shop.accounts.second_step import queries as second_step
from shop.accounts.second_step import service as second_steps
from shop.accounts.service import LastOwner
from shop.accounts.staff import queries, service
from shop.accounts.staff.models import StaffInvitation
from shop.admin import versions
from shop.admin.access import bp, staff, store
from shop.admin.lists import listing_text
from shop.admin.queries import PAGE_SIZE
from shop.admin.staff_forms import InvitationForm, RoleChoiceForm
from shop.admin.versions import ChangedMeanwhile
from shop.database import in_transaction, transaction
from shop.extensions import db
from shop.web.pagination import paginate, read_page


@bp.get("/settings/staff")
def staff_list() -> ResponseReturnValue:
    text, number = listing_text(), read_page(request.args.get("page"))
    rows = queries.members(text=text, limit=PAGE_SIZE + 1, offset=(number - 1) * PAGE_SIZE)
    pager = paginate(
        rows, number, PAGE_SIZE, lambda page: url_for(".staff_list", q=text or None, page=page)
    )
    return render_template(
        "admin/staff.html",
        pager=pager,
        text=text,
        invitations=queries.invitations() if number == 1 and not text else (),
        name_of=name_of,
        needs_second_step=second_step.is_needed(),
        with_second_step=second_step.with_second_step([row.account.id for row in pager.rows]),
    )


@bp.get("/settings/staff/<id:account_id>")
def staff_member(account_id: int) -> ResponseReturnValue:
    return _member_page(_member_or_404(account_id))


@bp.post("/settings/staff/<id:account_id>")
def change_staff_role(account_id: int) -> ResponseReturnValue:
    account, form = _member_or_404(account_id), RoleChoiceForm()
    form.offered = _roles_to_give()
    if not form.is_valid() or form.chosen is None:
        return _member_page(account, form), 422
    role_id = form.chosen.id

    def change(member: Account, by: Account) -> None:
        versions.check(_choice_of(member))
        service.change_role(member, db.session.get_one(Role, role_id), by=by)

    try:
        return _change(account_id, change, _("The new role counts from their next click on."))
    except ChangedMeanwhile:
        form.complain(form.role, versions.sentence())
        return _member_page(_member_or_404(account_id), form), 409


@bp.post("/settings/staff/<id:account_id>/activation")
def activate_staff(account_id: int) -> ResponseReturnValue:
    """`active`: 1 or 0."""
    is_active = request.form.get("active") == "1"
    return _change(
        account_id,
        lambda member, by: service.set_active(member, is_active, by=by),
        _("This person can sign in again.")
        if is_active
        else _("Signed out everywhere, and cannot sign in any more."),
    )


@bp.post("/settings/staff/<id:account_id>/removal")
def remove_staff(account_id: int) -> ResponseReturnValue:
    return _change(
        account_id,
        lambda member, by: service.remove(member, by=by),
        _("Removed from the staff. The account stays as a customer's."),
        to_list=True,
    )


@bp.post("/settings/staff/<id:account_id>/sessions/delete")
def end_staff_sessions(account_id: int) -> ResponseReturnValue:
    return _change(
        account_id,
        lambda member, by: service.end_sessions(member, by=by),
        _("Signed out everywhere."),
    )


@bp.post("/settings/staff/<id:account_id>/sessions/<id:session_id>/delete")
def end_staff_session(account_id: int, session_id: int) -> ResponseReturnValue:
    def end(member: Account, by: Account) -> None:
        if not service.end_session(member, session_id, by=by):
            abort(404)

    return _change(account_id, end, _("That browser is signed out."))


@bp.post("/settings/staff/<id:account_id>/second-step/delete")
def reset_second_step(account_id: int) -> ResponseReturnValue:
    def reset(member: Account, by: Account) -> None:
        if not service.may_manage(by, member):
            raise service.BeyondOwnRights
        second_steps.reset(member, by=by.id)

    return _change(
        account_id, reset, _("Removed. This person signs in with the password alone now.")
    )


@bp.post("/settings/staff/second-step")
def save_second_step_rule() -> ResponseReturnValue:
    """`needed`: 1, or not sent."""
    is_needed, by = request.form.get("needed") == "1", staff().id
    if is_needed and not second_step.has_second_step(by):
        abort(409, _("Add a second step to your own account first. Nothing was changed."))
    with transaction():
        second_steps.require(is_needed, by=by)
    flash(_("Saved."), "ok")
    return redirect(url_for(".staff_list"), code=303)


# Invitations -------------------------------------------------------------------------------------


@bp.get("/settings/staff/invitations/new")
def new_staff_invitation() -> ResponseReturnValue:
    form = InvitationForm(is_empty=True)
    form.offered = _roles_to_give()
    return render_template("admin/staff_invitation.html", form=form)


@bp.post("/settings/staff/invitations/new")
def invite_staff() -> ResponseReturnValue:
    form = InvitationForm()
    form.offered = _roles_to_give()
    if not form.is_valid() or form.chosen is None:
        return render_template("admin/staff_invitation.html", form=form), 422
    email, role_id, language = form.address, form.chosen.id, store().languages[0]
    name = form.name.data or ""

    def invite() -> None:
        role = db.session.get_one(Role, role_id)
        service.invite(email, role, name=name, language=language, by=_myself())

    try:
        in_transaction(invite)
    except service.AlreadyStaff:
        form.complain(form.email, _("This person is on the staff already."))
    except service.AlreadyInvited:
        form.complain(form.email, _("This address is invited already: send that mail again."))
    except service.TooManyInvitations:
        form.complain(form.email, _("Too many invitations wait already. Revoke some first."))
    if form.complaints:
        return render_template("admin/staff_invitation.html", form=form), 422
    flash(_("The invitation is on its way to %(email)s.", email=email), "ok")
    return redirect(url_for(".staff_list"), code=303)


@bp.post("/settings/staff/invitations/<id:invitation_id>/mails")
def resend_staff_invitation(invitation_id: int) -> ResponseReturnValue:
    return _change_invitation(
        invitation_id,
        service.send_again,
        _("It is on its way once more. The link before is worth nothing now."),
    )


@bp.post("/settings/staff/invitations/<id:invitation_id>/delete")
def revoke_staff_invitation(invitation_id: int) -> ResponseReturnValue:
    return _change_invitation(
        invitation_id, service.revoke, _("Revoked: its link is worth nothing any more.")
    )


# Inside ------------------------------------------------------------------------------------------


def _change(
    account_id: int,
    change: Callable[[Account, Account], None],
    done: str,
    *,
    to_list: bool = False,
) -> ResponseReturnValue:
    def work() -> None:
        member = queries.locked_member(account_id)
        if member is None:
            abort(404)
        change(member, _myself())

    try:
        in_transaction(work)
    except service.BeyondOwnRights:
        abort(403, beyond_own_rights())
    except LastOwner:
        abort(409, _("The shop always has an owner who can sign in. Nothing was changed."))
    flash(done, "ok")
    if to_list:
        return redirect(url_for(".staff_list"), code=303)
    return redirect(url_for(".staff_member", account_id=account_id), code=303)


def _change_invitation(
    invitation_id: int, change: Callable[..., None], done: str
) -> ResponseReturnValue:
    def work() -> None:
        invitation = db.session.get(StaffInvitation, invitation_id, with_for_update=True)
        if invitation is None:
            abort(404)
        change(invitation, by=_myself())

    try:
        in_transaction(work)
    except service.BeyondOwnRights:
        abort(403, beyond_own_rights())
    flash(done, "ok")
    return redirect(url_for(".staff_list"), code=303)


def beyond_own_rights() -> str:
    return _(
        "Nobody gives or takes rights that they do not have themselves; only owners change owners."
        " Nothing was changed."
    )


def _myself() -> Account:
    return db.session.get_one(Account, staff().id)


def _roles_to_give() -> list[Role]:
    by = _myself()
    return [role for role in queries.roles() if service.may_give(by, role)]


def _member_or_404(account_id: int) -> Account:
    return queries.member(account_id) or abort(404)


def _choice_of(member: Account) -> RoleChoiceForm:
    return RoleChoiceForm(values={"role": str(member.roles[0].id)})


def _member_page(account: Account, form: RoleChoiceForm | None = None) -> str:
    if form is None:
        form = _choice_of(account)
        form.offered = _roles_to_give()
    values: dict[str, Any] = {
        "member": account,
        "form": form,
        "role": ", ".join(name_of(role) for role in account.roles),
        "may_manage": service.may_manage(_myself(), account),
        "is_me": account.id == staff().id,
        "has_second_step": second_step.has_second_step(account.id),
        "sessions": accounts.sessions_of(account.id),
    }
    return render_template("admin/staff_member.html", **values)
