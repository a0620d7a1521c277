"""What the gateway asks before it lets a session to a connected bucket."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hexa.files.queries import permits
from hexa.foundation.access import gateway


@gateway
@never_cache
@require_safe
def permit(request: HttpRequest) -> HttpResponse:
    given = request.GET
    found = permits.permit(given.get("key", ""), given.get("bucket", ""))
    return JsonResponse(found)
