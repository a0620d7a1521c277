from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from hexa.accounts.errors import PersonNotFound
from hexa.accounts.models import User
from hexa.foundation.access import people
from hexa.foundation.answers import spoken
from hexa.foundation.errors import Conflict, Invalid, Outage
from hexa.ui.markdown import rendered
from hexa.ui.pages import page
from hexa.ui.toasts import toast
from hexa.workspaces import actions, hooks, permissions
from hexa.workspaces.forms import (
    HomePageForm,
    MemberForm,
    RoleForm,
    SettingsForm,
    WorkspaceForm,
)
from hexa.workspaces.models import Membership, Role, Workspace


@people
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    form = WorkspaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            workspace = actions.create(
                name=name,
                slug=form.cleaned_data["slug"] or slugify(name)[:40].strip("-"),
                countries=form.cleaned_data["countries"],
                by=_person(request),
            )
        except (Invalid, Conflict) as refusal:
            form.add_error("slug", spoken(refusal))
        except Outage as outage:
            form.add_error(None, spoken(outage))
        else:
            return redirect(workspace)
    return page(request, "workspaces/create.html", {"form": form})


HOME_PAGE = frozenset({"home-page"})


@people
@require_safe
def workspace(request: HttpRequest, slug: str) -> HttpResponse:
    found = Workspace.objects.visible_to(_person(request)).find(slug=slug)
    return page(
        request,
        "workspaces/workspace.html",
        {
            "workspace": found,
            "home_page": _drawn(found.home_page, found, by=_person(request)),
            "may_edit": permissions.EDIT_HOME_PAGE.allows(_person(request), found),
        },
        partials=HOME_PAGE,
    )


@people
@require_http_methods(["GET", "POST"])
def home_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The editor, in the place of the text; `preview` draws what is typed, unsaved."""
    person = _person(request)
    found = Workspace.objects.visible_to(person).find(slug=slug)
    permissions.EDIT_HOME_PAGE.require(person, found)
    initial = {"text": found.home_page, "based_on": found.home_page_version}
    form = HomePageForm(request.POST or None, initial=initial)
    theirs, conflict = None, ""
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        try:
            actions.write_home_page(found, by=person, **form.cleaned_data)
        except Conflict as refusal:
            # What was typed stays; the next save is based on what is there now.
            found.refresh_from_db(fields=["home_page", "home_page_version"])
            theirs, conflict = found.home_page, spoken(refusal)
            typed = form.cleaned_data["text"]
            form = HomePageForm({"text": typed, "based_on": found.home_page_version})
        else:
            messages.success(request, _("Home page saved."))
            return redirect(found)
    context = {
        "workspace": found,
        "form": form,
        "theirs": theirs,
        "conflict": conflict,
        "preview": _drawn(str(form["text"].value() or ""), found, by=person),
    }
    return page(
        request,
        "workspaces/home_page.html",
        context,
        partials=HOME_PAGE | {"home-preview"},
    )


def _drawn(text: str, workspace: Workspace, *, by: User) -> SafeString:
    """With links and pictures that name files of the workspace's drives."""
    followers = [follower(workspace, by) for follower in hooks.followers]
    return rendered(text, follow=followers[0] if followers else None)


@people
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    found = Workspace.objects.visible_to(_person(request)).find(slug=slug)
    permissions.EDIT_SETTINGS.require(_person(request), found)
    initial = {"name": found.name, "countries": ", ".join(found.countries)}
    form = SettingsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.change_settings(found, by=_person(request), **form.cleaned_data)
        messages.success(request, _("Settings saved."))
        return redirect("workspace_settings", slug=slug)
    return page(request, "workspaces/settings.html", {"workspace": found, "form": form})


@people
@require_http_methods(["GET", "POST"])
def members(request: HttpRequest, slug: str) -> HttpResponse:
    found = Workspace.objects.visible_to(_person(request)).find(slug=slug)
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = _add(found, form, by=_person(request))
        except (PersonNotFound, Conflict) as refusal:
            form.add_error("email", spoken(refusal))
        else:
            text = _("%(name)s is now a member.") % {"name": person.name}
            messages.success(request, text)
            return redirect("workspace_members", slug=slug)
    people_here = (
        Membership.objects.visible_to(_person(request))
        .filter(workspace=found)
        .select_related("user")
    )
    return page(
        request,
        "workspaces/members.html",
        {
            "workspace": found,
            "memberships": people_here,
            "roles": Role.choices,
            "form": form,
            "may_manage": permissions.MANAGE_MEMBERS.allows(_person(request), found),
        },
    )


@people
@require_POST
def change_role(request: HttpRequest, slug: str, membership_id: int) -> HttpResponse:
    membership = _membership(request, slug, membership_id)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            actions.change_role(
                membership, role=form.cleaned_data["role"], by=_person(request)
            )
        except Conflict as conflict:
            messages.error(request, spoken(conflict))
        else:
            text = _(
                "The role of %(name)s is changed; it holds within a minute, also in"
                " running notebooks."
            )
            messages.success(request, text % {"name": membership.user.name})
    return redirect("workspace_members", slug=slug)


@people
@require_POST
def remove_member(request: HttpRequest, slug: str, membership_id: int) -> HttpResponse:
    membership = _membership(request, slug, membership_id)
    try:
        actions.remove_member(membership, by=_person(request))
    except Conflict as conflict:
        messages.error(request, spoken(conflict))
        return redirect("workspace_members", slug=slug)
    if membership.user == request.user:
        text = _("You left %(workspace)s.") % {"workspace": membership.workspace.name}
        messages.success(request, text)
        return redirect("home")
    text = _("%(name)s is no longer a member.") % {"name": membership.user.name}
    back = {"email": membership.user.email, "role": membership.role}
    url = reverse("workspace_member_back", args=[slug])
    toast(request, text, undo_url=f"{url}?{urlencode(back)}")
    return redirect("workspace_members", slug=slug)


@people
@require_POST
def bring_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Undoes a removal: the person is added again, in the role they had."""
    found = Workspace.objects.visible_to(_person(request)).find(slug=slug)
    permissions.MANAGE_MEMBERS.require(_person(request), found)
    form = MemberForm(request.GET)
    if form.is_valid():
        try:
            person = _add(found, form, by=_person(request))
        except (PersonNotFound, Conflict) as refusal:
            messages.error(request, spoken(refusal))
        else:
            toast(request, _("%(name)s is a member again.") % {"name": person.name})
    return redirect("workspace_members", slug=slug)


def _add(workspace: Workspace, form: MemberForm, *, by: User) -> User:
    email = form.cleaned_data["email"].lower()
    person = User.objects.visible_to(by).find(email=email)
    actions.add_member(workspace, person=person, role=form.cleaned_data["role"], by=by)
    return person


def _membership(request: HttpRequest, slug: str, membership_id: int) -> Membership:
    found = Workspace.objects.visible_to(_person(request)).find(slug=slug)
    return (
        Membership.objects.visible_to(_person(request))
        .select_related("user", "workspace")
        .find(pk=membership_id, workspace=found)
    )


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "@people lets nobody else in"
    return request.user
