"""Words that filter-list policies and fair dealing rule out, searched for in a site's own texts.

AdGuard's filter policy (read 2026-08) blocks messages that insist aggressively, mislead about
consequences or harm privacy. Four languages are covered; texts in others are not checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

LANGUAGES: Final = ("en", "de", "fr", "es")


@dataclass(frozen=True, slots=True)
class Rule:
    """What is ruled out, why, and the words for it in each language."""

    what: str
    why: str
    words: re.Pattern[str]


def _rule(what: str, why: str, *words: str) -> Rule:
    return Rule(what, why, re.compile("|".join(rf"(?:\b(?:{one})\b)" for one in words), re.I))


RULES: Final = (
    _rule(
        "insists",
        "a message that does not let people continue is blocked as a wall",
        r"you must|you have to|access (?:is )?denied|no access|to continue,? (?:please )?"
        r"(?:disable|turn off)|cannot (?:read|continue|view)|can['’]t (?:read|continue|view)",
        r"sie müssen|zugriff verweigert|kein zugang|um fortzufahren",
        r"vous devez|accès refusé|pour continuer",
        r"debe(?:s)? desactivar|tiene(?:s)? que|acceso denegado|para continuar",
    ),
    _rule(
        "threatens or misleads about consequences",
        "it claims what does not follow from blocking ads",
        r"illegal|theft|steal(?:s|ing)?|virus(?:es)?|malware|at risk|(?:is|are) broken|"
        r"will not work|won['’]t work",
        r"illegal|rechtswidrig|diebstahl|stehlen|schadsoftware|viren|gefährdet|funktioniert nicht",
        r"illégal|c['’]est du vol|logiciels? malveillants?|en danger|ne fonctionne(?:ra)? pas",
        r"ilegal|robo|robar|en peligro|no funciona(?:rá)?",
    ),
    _rule(
        "promises privacy or safety",
        "nobody can promise that for third-party ads",
        r"(?:no|without|never) track(?:ing|ed|s)?|(?:not|never) tracked|do(?:es)?(?: not|n['’]t) "
        r"track|(?:safe|harmless|anonymous|private) ads?|privacy[- ]friendly|no cookies|"
        r"your (?:data|privacy) (?:is|are|stays?) (?:safe|private)",
        r"ohne tracking|kein tracking|keine cookies|sichere werbung|anonyme werbung|"
        r"datenschutzfreundlich(?:e|er|es|en)?",
        r"sans (?:pistage|suivi|cookies?)|publicités? (?:sûres?|anonymes?)|"
        r"respectueu(?:x|ses?) de (?:la|votre) vie privée",
        r"sin (?:rastreo|seguimiento|cookies)|anuncios (?:seguros|anónimos)",
    ),
    _rule(
        "hurries",
        "a message without a real deadline must not invent one",
        r"last chance|immediately|right now|only today|hurry|seconds left",
        r"letzte chance|sofort|umgehend|nur heute",
        r"dernière chance|immédiatement|tout de suite|aujourd['’]hui seulement",
        r"última oportunidad|inmediatamente|ahora mismo|solo hoy",
    ),
    _rule(
        "blames",
        "the detector sees that ads do not arrive, not who somebody is",
        r"because of you|your fault|freeloaders?|shame|hurt(?:s|ing)? us|selfish",
        r"ihre schuld|deinetwegen|ihretwegen|schmarotzer|schäm\w*|schad(?:en|est) (?:sie )?uns",
        r"votre faute|à cause de vous|honte|profiteurs?",
        r"su culpa|por su culpa|vergüenza|aprovechad[oa]s?",
    ),
)


def refused(text: str) -> list[tuple[Rule, str]]:
    """Return the rules that a text breaks, each with the words that break it."""
    return [(rule, found[0]) for rule in RULES if (found := rule.words.search(text))]
