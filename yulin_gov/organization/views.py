"""As what one acts, and who stands in for whom. All below /office/, which the middleware guards."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from yulin_gov.accounts.sign_in import safe_next
from yulin_gov.refused import Refused

from .actions import delegate, revoke_delegation
from .forms import DelegationForm
from .middleware import CHOSEN
from .models import Delegation

# A page shows this many past and present delegations; the history table keeps all.
SHOWN = 50


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose_capacity(request: HttpRequest) -> HttpResponse:
    """POST `capacity` (a key) and `next`; the choice holds for this session."""
    if request.method != "POST":
        return render(request, "organization/capacity.html", {"next": request.GET.get("next", "")})
    chosen = {capacity.key: capacity for capacity in request.capacities}.get(request.POST.get("capacity"))
    if chosen is None:
        messages.error(request, "您目前没有这个身份，可能任职或代理已经结束，请重新选择。")
        return redirect("organization:capacity")
    request.session[CHOSEN] = chosen.key
    messages.success(request, f"现在以“{chosen.label}”的身份办理。")
    return redirect(safe_next(request, request.user))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delegations(request: HttpRequest) -> HttpResponse:
    """Hand one's own position to a colleague, and see what one gave and holds."""
    form = DelegationForm(request.POST or None, principal=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            delegation = _delegate(request, form)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        else:
            messages.success(request, f"已交由{delegation.deputy}代理，到期自动结束。")
            return redirect("organization:delegations")
    related = Delegation.objects.select_related(
        "position__unit", "position__division", "principal", "deputy"
    ).order_by("-from_at", "-id")
    context = {
        "form": form,
        "given": related.filter(principal=request.user)[:SHOWN],
        "held": related.filter(deputy=request.user)[:SHOWN],
    }
    return render(request, "organization/delegations.html", context)


def _delegate(request: HttpRequest, form: DelegationForm) -> Delegation:
    from_at, to_at = form.period()
    return delegate(
        form.cleaned_data["position"],
        principal=request.user,
        deputy=form.cleaned_data["deputy"],
        from_at=from_at,
        to_at=to_at,
        kinds=form.cleaned_data.get("kinds", ()),
        reason=form.cleaned_data["reason"],
        by=request.user,
    )


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a delegation one gave; a stranger's is not found."""
    delegation = get_object_or_404(Delegation, pk=pk, principal=request.user)
    try:
        revoke_delegation(delegation, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "代理已撤回。")
    return redirect("organization:delegations")
