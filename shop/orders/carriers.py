"""Carriers whose parcels can be followed by an address with the tracking number in it. Pure."""

from __future__ import annotations

from urllib.parse import quote

#: The carriers' own pages.
TRACKING_PAGES = {
    "DHL": "https://www.dhl.com/en/home/tracking.html?tracking-id={number}",
    "Deutsche Post": "https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode={number}",
    "DPD": "https://tracking.dpd.de/status/en_US/parcel/{number}",
    "Evri": "https://www.evri.com/track/parcel/{number}",
    "FedEx": "https://www.fedex.com/fedextrack/?trknbr={number}",
    "GLS": "https://gls-group.com/track/{number}",
    "Hermes": "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{number}",
    "La Poste": "https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
    "Österreichische Post": "https://www.post.at/sv/sendungsdetails?snr={number}",
    "PostNL": "https://jouw.postnl.nl/track-and-trace/{number}",
    "Royal Mail": "https://www.royalmail.com/track-your-item#/tracking-results/{number}",
    "Swiss Post": "https://service.post.ch/ekp-web/ui/entry/search/{number}",
    "UPS": "https://www.ups.com/track?tracknum={number}",
    "USPS": "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}",
}


def tracking_url(carrier: str, number: str) -> str:
    """Where the parcel can be followed; empty where that is not known."""
    page = {name.lower(): page for name, page in TRACKING_PAGES.items()}.get(carrier.lower())
    return page.format(number=quote("".join(number.split()), safe="")) if page and number else ""
