"""Countries by where they lie and what they belong to, as ISO 3166-1 alpha-2 codes. Pure.

Source: UN M49, as far as a list to choose from needs it.
"""

from __future__ import annotations

_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EUROPE = "AD AL AX BA BY CH FO GB GG GI IM IS JE LI MC MD ME MK NO RS RU SJ SM TR UA VA XK"
_NORTH_AMERICA = "BM BZ CA CR GL GT HN MX NI PA PM SV US"
_SOUTH_AMERICA = (
    "AG AI AR AW BB BL BO BQ BR BS CL CO CU CW DM DO EC FK GD GF GP GS GY HT JM KN KY LC MF MQ MS"
    " PE PR PY SR SX TC TT UY VC VE VG VI"
)
_AFRICA = (
    "AC AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EA EG EH ER ET GA GH GM GN GQ GW IC KE KM LR LS LY"
    " MA MG ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TA TD TG TN TZ UG YT ZA ZM ZW"
)
_ASIA = (
    "AE AF AM AZ BD BH BN BT CC CN CX GE HK ID IL IN IO IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM"
    " MN MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TW UZ VN YE"
)
_OCEANIA = "AS AU CK FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS"
#: The members since 2020.
EUROPEAN_UNION = frozenset(_UNION.split())
#: What a long list of countries is parted by.
GROUPS: dict[str, frozenset[str]] = {
    "european_union": EUROPEAN_UNION,
    "europe": frozenset(_EUROPE.split()),
    "north_america": frozenset(_NORTH_AMERICA.split()),
    "south_america": frozenset(_SOUTH_AMERICA.split()),
    "africa": frozenset(_AFRICA.split()),
    "asia": frozenset(_ASIA.split()),
    "oceania": frozenset(_OCEANIA.split()),
}
