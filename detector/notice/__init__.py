"""What the visitor is shown: texts, steps per blocker, and the JSON that the notice fetches."""

from detector.core.vocabulary import MODES
from detector.notice.texts import payload

__all__ = ["MODES", "payload"]
