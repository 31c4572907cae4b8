"""Letters for everybody: reading, writing, following."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yulin_gov.accounts.middleware import is_signed_in
from yulin_gov.accounts.network import client_ip
from yulin_gov.casework.forms import put_refusal
from yulin_gov.casework.timeline import timeline_of
from yulin_gov.organization.capacity import citizen
from yulin_gov.organization.models import Unit
from yulin_gov.pagecache import cached_page
from yulin_gov.refused import Refused
from yulin_gov.search.queries import search

from ..actions import submit_letter
from ..codes import code_of, spaced
from ..findable import PUBLIC
from ..forms.public import LetterForm, TrackForm
from ..models import Letter, Publication
from ..progress import progress_of
from ..queries import find_by_code, published_page, units_with_published_letters
from ..tries import give_back, spend_try

SENT, TRACKED = "letters.sent", "letters.tracked"  # what the session remembers
TRACKED_SECONDS = 30 * 60
LONGEST_QUERY = 100
NOT_FOUND = "没有找到这封信。请核对查询码和电话是否与写信时一致。"
TOO_MANY = "尝试次数过多，请15分钟后再试。"


@require_safe
@cached_page("letters")
def letters(request: HttpRequest) -> HttpResponse:
    """The published letters, the newest first, or those that a search finds."""
    query = " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST_QUERY]
    units = list(units_with_published_letters())
    unit = _unit(request.GET.get("unit", ""), units)
    key = request.GET.get("key", "")
    context = {"query": query, "unit": unit, "units": units}
    if query:
        unit_ids = [unit.pk] if unit else None
        context["found"] = search(query, kinds=[PUBLIC], unit_ids=unit_ids, after=key or None)
        context["names"] = _unit_names(context["found"].hits)
    else:
        context["page"] = published_page(unit=unit, key=key)
    return render(request, "letters/public/list.html", context)


def _unit(code: str, units: list[Unit]) -> Unit | None:
    """The unit asked for; one that has published nothing yet joins the choice."""
    unit = next((unit for unit in units if unit.code == code), None)
    if unit is None and code:
        unit = Unit.objects.filter(code=code.replace("\0", "")).first()
        units += [unit] if unit else []
    return unit


def _unit_names(hits) -> list[tuple]:
    published = Publication.objects.select_related("unit").in_bulk([hit.object_id for hit in hits])
    return [(hit, published[hit.object_id].unit_name) for hit in hits if hit.object_id in published]


@require_safe
@cached_page("letter:{reference}")
def letter(request: HttpRequest, reference: str) -> HttpResponse:
    """One published letter; a withdrawn one says so."""
    found = Publication.objects.filter(letter__case__public_ref=reference)
    publication = found.select_related("unit", "letter__case__procedure").first()
    if publication is None:
        raise Http404
    if publication.withdrawn_at is not None:
        return render(request, "letters/public/withdrawn.html", {"publication": publication}, status=410)
    timeline = timeline_of(publication.letter.case, public=True)
    return render(request, "letters/public/letter.html", {"publication": publication, "timeline": timeline})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """Write a letter. Sending the same form twice makes one letter."""
    if request.method != "POST":
        chosen = Unit.objects.filter(code=request.GET.get("unit", "").replace("\0", "")).first()
        return render(request, "letters/public/new.html", {"form": LetterForm(initial={"unit": chosen})})
    form = LetterForm(request.POST)
    if form.is_valid():
        writer = request.user if is_signed_in(request) else None
        try:
            sent, _ = submit_letter(form.draft(), by=citizen(writer), idempotency_key=form.idempotency_key)
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            request.session[SENT] = sent.pk
            return redirect("letters:done")
    return render(request, "letters/public/new.html", {"form": form}, status=422)


@never_cache
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """Number and query code of the letter just sent, for writing down or printing."""
    sent = Letter.objects.filter(pk=request.session.get(SENT)).select_related("case__unit").first()
    if sent is None:
        return redirect("letters:new")
    context = {"case": sent.case, "code": spaced(code_of(sent.case)), "may_publish": sent.may_publish}
    return render(request, "letters/public/done.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Follow a letter by query code and phone; the session remembers it for half an hour."""
    if request.method != "POST":
        tracked = _tracked(request)
        if tracked is not None:
            return render(request, "letters/public/progress.html", progress_of(tracked))
        return render(request, "letters/public/track.html", {"form": TrackForm()})
    form = TrackForm(request.POST)
    if not form.is_valid():
        return render(request, "letters/public/track.html", {"form": form}, status=422)
    address, phone = client_ip(request), form.cleaned_data["phone"]
    if not spend_try(address, phone):
        form.add_error(None, TOO_MANY)
        return render(request, "letters/public/track.html", {"form": form}, status=429)
    found = find_by_code(form.cleaned_data["code"], phone)
    if found is None:
        form.add_error(None, NOT_FOUND)
        return render(request, "letters/public/track.html", {"form": form}, status=422)
    give_back(address, phone)
    request.session[TRACKED] = [found.pk, timezone.now().timestamp() + TRACKED_SECONDS]
    return redirect("letters:track")


@require_POST
def end_tracking(request: HttpRequest) -> HttpResponse:
    """Forget whose letter was looked at, on a shared computer above all."""
    if is_signed_in(request):
        for name in (SENT, TRACKED):
            request.session.pop(name, None)
    else:
        request.session.flush()
    return redirect("letters:track")


def _tracked(request: HttpRequest) -> Letter | None:
    pk, until = request.session.get(TRACKED) or (None, 0)
    if pk is None or timezone.now().timestamp() > until:
        return None
    return Letter.objects.select_related("case__unit", "case__procedure").filter(pk=pk).first()
