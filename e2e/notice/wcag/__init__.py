"""Each item of WCAG 2.2 AA that applies to the notice, by its principles.

docs/explanation/accessibility.md lists them. Contrast of texts and sizes are also measured in every
case of the gallery (test_gallery.py).
"""

from detector.core.notice.payload import payload

TEXT = payload("corner")["text"]
