"""What the visitor is shown: texts, steps per blocker, and the JSON that the notice fetches."""

from detector.notice.texts import MODES, payload

__all__ = ["MODES", "payload"]
