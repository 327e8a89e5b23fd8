"""Till, a storefront you can trust with money: create_app wires the whole shop."""

from __future__ import annotations

import os

from dotenv import dotenv_values
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from shop.settings import ROOT, Settings
from shop.web import maintenance, templates
from shop.web.exchange import Shop


def create_app(settings: Settings | None = None) -> Flask:
    """The whole shop, wired from its settings. Tests pass their own."""
    settings = settings or load_settings()
    app = Shop(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(settings.data_folder),
    )
    app.config.from_mapping(settings.flask_config())
    app.extensions["settings"] = settings
    templates.init_app(app, settings)

    _register_extensions(app, settings)
    _register_web(app, settings)
    _register_blueprints(app, settings)
    _connect_features()
    _register_commands(app)
    maintenance.init_app(app, settings)
    return app


def create_web_app() -> Flask:
    """What a web process serves: the shop, which begins to read its catalog at once."""
    from shop.catalog.shelves import read_aside

    app = create_app()
    with app.app_context():
        read_aside(app.app_context)
    return app


def load_settings() -> Settings:
    """The environment's settings; those it does not name come from the file .env."""
    from_file = {name: value or "" for name, value in dotenv_values(ROOT / ".env").items()}
    return Settings.from_env({**from_file, **os.environ})


def _register_extensions(app: Flask, settings: Settings) -> None:
    from flask_migrate import Migrate

    from shop import models  # noqa: F401 - every table must be known before the first query
    from shop.accounts.security import init_security
    from shop.database import init_engines
    from shop.extensions import db, mail
    from shop.payments.gateway import init_gateway

    settings.media_path.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    init_engines(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    mail.init_app(app)
    init_security(app)
    init_gateway(app, settings)


def _register_web(app: Flask, settings: Settings) -> None:
    from shop.cart import session as cart_session
    from shop.traffic import views as traffic
    from shop.web import (
        assets,
        context,
        csrf,
        currencies,
        errors,
        exchange,
        filters,
        flashes,
        fragments,
        headers,
        input,
        languages,
        pagecache,
        requestlog,
        texts,
    )

    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, count, count, count)  # type: ignore[method-assign]  # Flask's way
    exchange.init_app(app)
    headers.init_app(app, settings)
    pagecache.init_app(app, settings)  # first: what it does to an answer comes last
    traffic.init_app(app, settings)  # in front of the pages from memory, to count those too
    requestlog.init_app(app, settings)
    csrf.init_app(app)
    input.init_app(app)
    errors.init_app(app)
    filters.init_app(app)
    fragments.init_app(app)
    languages.init_app(app)
    texts.init_app(app)
    context.init_app(app)
    currencies.init_app(app, settings)
    flashes.init_app(app, settings)
    cart_session.init_app(app, settings)
    assets.init_app(app, settings)


def _register_blueprints(app: Flask, settings: Settings) -> None:
    from shop.accounts import views as accounts
    from shop.accounts.second_step import views as second_step
    from shop.accounts.staff import views as staff
    from shop.address_book import views as address_book
    from shop.admin import bp as admin
    from shop.alerts import views as alerts
    from shop.cart import views as cart
    from shop.cart.codes import views as _codes  # noqa: F401 - on the cart's blueprint
    from shop.cart.permalinks import views as _permalinks  # noqa: F401 - on the cart's blueprint
    from shop.catalog import views as catalog
    from shop.checkout import views as checkout
    from shop.checkout.details import views as _details  # noqa: F401 - on checkout's blueprint
    from shop.checkout.payment_page import views as _paying  # noqa: F401 - on checkout's blueprint
    from shop.contact import views as contact
    from shop.content import views as content
    from shop.customers import views as customers
    from shop.customers.mails import views as _mails  # noqa: F401 - on the customers' blueprint
    from shop.gift_cards import views as gift_cards
    from shop.newsletter import views as newsletter
    from shop.orders import views as orders
    from shop.outbox import views as outbox
    from shop.payments import views as payments
    from shop.recommendations import views as recommendations
    from shop.recovery import views as recovery
    from shop.redirects import views as redirects
    from shop.reviews import views as reviews
    from shop.search import views as search
    from shop.seo import views as seo
    from shop.setup import views as setup
    from shop.theme import views as theme
    from shop.tracking import views as tracking
    from shop.traffic import views as traffic
    from shop.web import health, styleguide
    from shop.wishlist import views as wishlist

    for module in (
        accounts,
        address_book,
        alerts,
        cart,
        catalog,
        checkout,
        contact,
        content,
        customers,
        newsletter,
        gift_cards,
        orders,
        payments,
        recommendations,
        recovery,
        redirects,
        reviews,
        search,
        second_step,
        seo,
        setup,
        staff,
        theme,
        tracking,
        traffic,
        wishlist,
        health,
    ):
        app.register_blueprint(module.bp)
    app.register_blueprint(admin)
    if not settings.is_production:
        app.register_blueprint(outbox.bp)
        app.register_blueprint(styleguide.bp)


def _connect_features() -> None:
    """What must happen to the right of the feature where it begins."""
    from shop.alerts import service as alerts
    from shop.alerts.queries import KEPT
    from shop.catalog import restoring
    from shop.catalog.held_by_rules import stock_changed
    from shop.catalog.restoring import Belonging
    from shop.inventory.service import watchers
    from shop.recommendations import service as recommendations
    from shop.wishlist import service as wishlist

    if stock_changed not in watchers:
        watchers.append(stock_changed)
    restoring.belongings |= {
        KEPT: Belonging(alerts.keep_alerts, alerts.restore_alerts),
        "picks": Belonging(recommendations.keep_picks, recommendations.restore_picks),
        "wishes": Belonging(wishlist.keep_wishes, wishlist.restore_wishes),
    }


def _register_commands(app: Flask) -> None:
    from shop.accounts import cli as accounts
    from shop.catalog import cli as catalog
    from shop.demo import cli as demo
    from shop.payments import cli as payments
    from shop.payments.sandbox.cli import command as stripe_sandbox
    from shop.pricing import cli as pricing
    from shop.search import cli as search
    from shop.setup import cli as setup
    from shop.worker import command as worker

    for module in (accounts, catalog, demo, payments, pricing, search, setup):
        app.cli.add_command(module.cli)
    app.cli.add_command(stripe_sandbox)
    app.cli.add_command(worker)
    app.cli.add_command(maintenance.cli)
