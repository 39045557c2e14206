"""The bootstrap: the uncached JSON that the script asks for first on every view.

It is sent on every view, so its keys are one letter. `KEYS` and static/src/bootstrap.js alone know
them; everything else uses names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BAIT_TYPES: Final = ("script", "image", "fetch")
"""Types of bait requests; the JSON has a type's place here, as static/src/bootstrap.js has it."""

KEYS: Final = {
    # The view id, sent back. A robot, and a view that is not looked at, gets nothing else.
    "view": "v",
    # The view's token, which every bait's URL ends in.
    "token": "t",
    # The proof that scripts and fetched texts carry, and the natural width that images have.
    "proof": "x",
    "image_width": "w",
    # For each bait: its type, its number, its URL, the URL of its control.
    "baits": "b",
    # URL of a fetched control, which tells the baits that arrived.
    "arrivals_url": "q",
    # Classes of the bait elements, the first one the control's.
    "classes": "e",
    # Inline styles of the box around the elements, and of each.
    "styles": "i",
    # Milliseconds between looks at the elements.
    "pauses": "l",
    # Pattern of the hosts that ads come from.
    "ad_hosts": "h",
    # Selectors of the places where the page wants its ads.
    "slots": "s",
    # Mode of the requests, and addresses of ad hosts to ask; absent where the owner named none.
    "host_requests": "u",
    # URL of the report; absent where nothing is counted.
    "report_url": "r",
    # URL of the second script.
    "followup_url": "a",
    # URLs of the notice's script and texts; absent where nothing is shown.
    "notice_url": "n",
    "texts_url": "c",
    # Its storage key; absent where nothing is shown and nothing counted, or no page has a notice.
    "storage_key": "k",
    # The mode of the notice, for every kind or for each; or variants: name, weight, modes.
    "modes": "m",
    "variants": "y",
    # From which blocked view, every which, whether once a session; absent where nothing is kept.
    "frequency": "f",
    # 1 where a message stands in an ad's place when ads do not arrive.
    "unreachable_notice": "o",
    # 1 where visitors whose ads arrive are asked too; 1 where only pages with an ad ask.
    "ask_partial": "g",
    "ask_where": "j",
}


def to_wire(values: Mapping[str, object]) -> dict[str, object]:
    """Return what is sent for values by name; raises KeyError for a name without a key."""
    return {KEYS[name]: value for name, value in values.items()}
