"""`{% load detector %}{% detector_tag %}`: the tag, placed by hand."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import mark_safe

from detector.core.response import TAGGED
from detector.django import nonce, options
from detector.django.request import group_of, marks_of, mount_of, wanted_by

register = template.Library()


@register.simple_tag(takes_context=True)  # type: ignore[untyped-decorator]
def detector_tag(context: Any, notice: str = "") -> str:
    """Return the tag, once per page; the middleware then adds no other.

    `notice` is the mode for this page. Empty if the template has no `request`: the middleware then
    adds the only tag.
    """
    request = context.get("request")
    if request is None or marks_of(request).get(TAGGED):
        return ""
    site = options.site()
    try:
        policies = nonce.settle(request, None)[0] if nonce.may_be_had(request) else []
        permissions = nonce.permissions_of(policies)
        if not permissions.script:
            return ""
        made = site.tagger.tag(
            mount=mount_of(request),
            group=group_of(request),
            nonce=permissions.nonce,
            inline=permissions.inline,
            path=request.path_info,
            notice=notice or wanted_by(request),
        )
    except Exception:
        site.circuit_breaker.caught("placing the tag")
        return ""
    if made:
        marks_of(request)[TAGGED] = True
    return str(mark_safe(made.decode()))
