"""Roles: the list of them, and one with what it may see and change."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts import role_words
from shop.accounts.models import Account, Role
from shop.accounts.staff import queries, service
from shop.admin import versions
from shop.admin.access import bp, staff
from shop.admin.staff_forms import RoleForm
from shop.admin.staff_views import beyond_own_rights
from shop.admin.versions import ChangedMeanwhile
from shop.database import in_transaction
from shop.extensions import db


@bp.get("/settings/staff/roles")
def roles() -> ResponseReturnValue:
    return render_template(
        "admin/roles.html",
        roles=queries.roles(),
        counts=queries.counts_by_role(),
        name_of=role_words.name_of,
    )


@bp.get("/settings/staff/roles/new")
def new_role() -> ResponseReturnValue:
    return _page(None, RoleForm(is_empty=True))


@bp.post("/settings/staff/roles/new")
def create_role() -> ResponseReturnValue:
    form = RoleForm()
    if not _is_valid(form, None):
        return _page(None, form), 422
    try:
        role_id = in_transaction(
            lambda: service.create_role(form.title.data or "", form.grid, by=_myself()).id
        )
    except service.TitleTaken:
        form.complain(form.title, _taken())
        return _page(None, form), 422
    except service.BeyondOwnRights:
        abort(403, beyond_own_rights())
    flash(_("Saved."), "ok")
    return redirect(url_for(".role", role_id=role_id), code=303)


@bp.get("/settings/staff/roles/<id:role_id>")
def role(role_id: int) -> ResponseReturnValue:
    found = _role_or_404(role_id)
    return _page(found, RoleForm.of(found))


@bp.post("/settings/staff/roles/<id:role_id>")
def save_role(role_id: int) -> ResponseReturnValue:
    found, form = _role_or_404(role_id), RoleForm()
    if not _is_valid(form, found):
        return _page(found, form), 422
    try:
        in_transaction(lambda: _save(role_id, form))
    except ChangedMeanwhile:
        form.complain(form.title, versions.sentence())
        return _page(_role_or_404(role_id), form), 409
    except service.TitleTaken:
        form.complain(form.title, _taken())
        return _page(_role_or_404(role_id), form), 422
    except service.BeyondOwnRights:
        abort(403, beyond_own_rights())
    flash(_("Saved. It counts for everybody with this role from their next click on."), "ok")
    return redirect(url_for(".role", role_id=role_id), code=303)


@bp.post("/settings/staff/roles/<id:role_id>/delete")
def delete_role(role_id: int) -> ResponseReturnValue:
    try:
        in_transaction(lambda: service.delete_role(_role_or_404(role_id), by=_myself()))
    except service.RoleInUse:
        abort(409, _("People or invitations have this role. Give them another one first."))
    except service.BeyondOwnRights:
        abort(403, beyond_own_rights())
    flash(_("The role is gone."), "ok")
    return redirect(url_for(".roles"), code=303)


# Inside ------------------------------------------------------------------------------------------


def _save(role_id: int, form: RoleForm) -> None:
    found = versions.lock(Role, role_id) or abort(404)
    versions.check(RoleForm.of(found), typed=[form])
    typed = form.title.data or ""
    is_own_name = not found.title and typed == role_words.name_of(found)
    service.save_role(found, None if is_own_name else typed, form.grid, by=_myself())


def _is_valid(form: RoleForm, role: Role | None) -> bool:
    """A name is no other role's, whatever language that is shown in."""
    if not form.is_valid():
        return False
    typed = (form.title.data or "").casefold()
    others = [other for other in queries.roles() if role is None or other.id != role.id]
    if typed in {role_words.name_of(other).casefold() for other in others}:
        form.complain(form.title, _taken())
    return not form.complaints


def _taken() -> str:
    return _("Another role is called that.")


def _myself() -> Account:
    return db.session.get_one(Account, staff().id)


def _role_or_404(role_id: int) -> Role:
    return db.session.get(Role, role_id) or abort(404)


def _page(role: Role | None, form: RoleForm) -> str:
    by = _myself()
    return render_template(
        "admin/role.html",
        role=role,
        name=role_words.name_of(role) if role else _("New role"),
        form=form,
        areas=role_words.AREAS,
        may_save=role is None or (not role.is_owner and service.may_give(by, role)),
        own=by.grid,
    )
