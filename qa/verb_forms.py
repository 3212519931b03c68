"""Forms of English verbs that news is told with: enough to turn “the bridge reopened” into “did the bridge reopen”.

Only verbs that stand here are turned. A word that is not among them is taken for no verb, so that nothing is asked
that nobody would say.
"""

from __future__ import annotations

import functools
import re

_REGULAR = """
accept accuse achieve acquire add adopt agree aim allow announce appeal appear apply appoint approve argue arrest
arrive ask attack attend attract award back believe blame block boost call capture carry cause celebrate challenge
change charge claim climb close collapse collect complete confirm contain convert convict count cover crash create
criticise criticize cross damage decide declare decline defeat defend delay deliver demand deny describe design destroy
develop die disappear discover discuss dismiss donate drain earn elect employ end enter establish estimate expand
expect explain explode extend face fail fine finish follow found gain govern grant happen head help hire host identify
import improve include increase injure inspect install introduce invent invest investigate invite issue join jump kill
land last launch lease live lower maintain manage mark measure merge move name need notice obtain offer open operate
oppose order organise organize overturn own paint pass perform play pledge postpone praise predict prepare present print
produce promise promote propose protect provide publish purchase raise reach receive recommend record recover reduce
refuse reject release remain remember remove renew reopen repair replace report request rescue resign restore retire
return reveal review rule sack save score select serve settle share shoot sign sink spot start state study suffer
suggest support survive suspend test threaten train treat turn unveil urge use vanish visit vote warn watch
welcome work
"""
_DOUBLED = "admit ban cancel drop plan ship slip stop trap transfer"
_IRREGULAR = """
beat:beat:beaten become:became:become begin:began:begun break:broke:broken bring:brought:brought build:built:built
buy:bought:bought catch:caught:caught choose:chose:chosen come:came:come cost:cost:cost cut:cut:cut draw:drew:drawn
drive:drove:driven eat:ate:eaten fall:fell:fallen fight:fought:fought find:found:found fly:flew:flown
forbid:forbade:forbidden get:got:got give:gave:given go:went:gone grow:grew:grown hear:heard:heard hide:hid:hidden
hit:hit:hit hold:held:held keep:kept:kept know:knew:known lay:laid:laid lead:led:led learn:learned:learned
leave:left:left lend:lent:lent lose:lost:lost make:made:made mean:meant:meant meet:met:met pay:paid:paid put:put:put
read:read:read ride:rode:ridden rise:rose:risen run:ran:run say:said:said see:saw:seen seek:sought:sought
sell:sold:sold send:sent:sent set:set:set shoot:shot:shot shrink:shrank:shrunk show:showed:shown sing:sang:sung
sink:sank:sunk sit:sat:sat speak:spoke:spoken spend:spent:spent split:split:split stand:stood:stood steal:stole:stolen
strike:struck:struck swim:swam:swum take:took:taken teach:taught:taught tell:told:told think:thought:thought
throw:threw:thrown win:won:won withdraw:withdrew:withdrawn write:wrote:written
"""
_SAME = frozenset({"beat", "cost", "cut", "hit", "put", "read", "set", "split"})
"""Verbs whose past looks like their present: of these nothing tells which one it is."""
_PRESENT = frozenset(
    "begin belong carry close contain cost cover employ end hold include last lead live make measure need offer open "
    "own pay play produce provide run say sell serve start take teach use want weigh work".split()
)
"""Verbs that are turned from the present too; of the others the form with an “s” is a noun as often."""


@functools.cache
def _tables() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """From the past, the participle and the present to the base, the past and the base."""
    past: dict[str, str] = {}
    participle: dict[str, str] = {}
    irregular = [entry.split(":") for entry in _IRREGULAR.split()]
    own = {base for base, _, _ in irregular}
    for base in _REGULAR.split():
        if base not in own:
            irregular.append([base, *2 * [_regular(base)]])
    irregular += [[base, *2 * [f"{base}{base[-1]}ed"]] for base in _DOUBLED.split()]
    for base, before, done in irregular:
        past.setdefault(before, base)
        participle.setdefault(done, before)
    return past, participle, {_third(base): base for base in _PRESENT}


def base_of_past(word: str) -> str | None:
    """“reopened” gives “reopen”; None for what is no past of a known verb."""
    return _tables()[0].get(word)


def past_of_participle(word: str) -> str | None:
    """“written” gives “wrote”; None for what is no participle of a known verb."""
    return _tables()[1].get(word)


def base_of_present(word: str) -> str | None:
    """“carries” gives “carry”; None for what is not the third person of a verb that is turned from the present."""
    return _tables()[2].get(word)


def is_ambiguous(base: str) -> bool:
    """Whether the past of a verb looks like its present."""
    return base in _SAME


def _regular(base: str) -> str:
    if base.endswith("e"):
        return f"{base}d"
    return f"{base[:-1]}ied" if re.search(r"[^aeiou]y$", base) else f"{base}ed"


def _third(base: str) -> str:
    if re.search(r"[^aeiou]y$", base):
        return f"{base[:-1]}ies"
    return f"{base}es" if re.search(r"(?:s|x|z|ch|sh|o)$", base) else f"{base}s"
