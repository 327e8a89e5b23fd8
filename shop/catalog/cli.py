"""Commands: flask catalog import, export, pictures, fetch-pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup

from shop.catalog.csvfile import MAX_BYTES, FileRefused
from shop.catalog.exporter import export_lines
from shop.catalog.import_product import Outcome
from shop.catalog.importer import ImportReport, import_sheet
from shop.catalog.models import ProductImage
from shop.catalog.remote import fetch_image
from shop.catalog.sheet import Sheet
from shop.catalog.sheet_reader import read_sheet
from shop.database import transaction
from shop.extensions import db
from shop.media.pictures import complete_picture
from shop.settings import Settings
from shop.store import queries as store

cli = AppGroup("catalog", short_help="Bring products in and out as Shopify's product CSV.")

#: Faults and notes shown at most.
MAX_SHOWN = 100


@cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
def import_file(file: Path, dry_run: bool) -> None:
    """Bring a product CSV into the shop, all of it or nothing."""
    try:
        with file.open("rb") as source:
            sheet = read_sheet(source.read(MAX_BYTES + 1), store.current().currency)
        report = _bring_in(sheet, dry_run)
    except FileRefused as refusal:
        _tell_faults(refusal)
        raise SystemExit(1) from None
    _tell(report, dry_run)


@cli.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_file(file: Path) -> None:
    """Write all products to a product CSV. An older file is replaced once the new one is whole."""
    lines = export_lines(currency=store.current().currency, media_url=_media_url())
    rows = _write_whole(file, lines) - 1
    click.echo(f"Wrote {rows:,} rows to {file}.")


@cli.command("fetch-pictures")
def fetch_pictures() -> None:
    """Try again to fetch every imported picture that is not here yet."""
    missing = sa.select(ProductImage.id).where(
        ProductImage.file.is_(None), ProductImage.source_url != ""
    )
    image_ids = db.session.scalars(missing.order_by(ProductImage.id)).all()
    for image_id in image_ids:
        fetch_image(image_id)
    left = db.session.scalars(missing).all()
    click.echo(f"Fetched {len(image_ids) - len(left):,} pictures, {len(left):,} are still missing.")


@cli.command("pictures")
def complete_pictures() -> None:
    """Make the renditions and placeholders that pictures of an older shop lack. Can be stopped and
    started again.
    """
    images = sa.select(ProductImage.id).where(ProductImage.file.is_not(None))
    counts = Counter(
        _complete(image_id)
        for image_id in db.session.scalars(images.order_by(ProductImage.id)).all()
    )
    click.echo(
        f"Completed {counts['made']:,} pictures, {counts['whole']:,} were whole,"
        f" {counts['lost']:,} have lost their files."
    )


def _complete(image_id: int) -> str:
    """Outside a transaction while files are made: it may take a second."""
    image = db.session.get(ProductImage, image_id)
    file = image.file if image else None
    db.session.rollback()
    done = complete_picture(file, _settings().media_path) if file else None
    if done is None:
        return "lost"
    stored, was_missing = done
    with transaction():
        image = db.session.get(ProductImage, image_id, with_for_update=True)
        if image is None or image.file != file:
            return "lost"
        is_told = (image.widths, image.placeholder) == (stored.widths, stored.placeholder)
        image.widths, image.placeholder = stored.widths, stored.placeholder
        image.ground = image.ground or stored.ground
    return "whole" if is_told and not was_missing else "made"


class _DryRun(Exception):
    """Ends the transaction without keeping it."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report


def _bring_in(sheet: Sheet, dry_run: bool) -> ImportReport:
    try:
        with transaction():
            report = import_sheet(sheet, media_url=_media_url())
            if dry_run:
                raise _DryRun(report)
            return report
    except _DryRun as dry:
        return dry.report


def _tell(report: ImportReport, dry_run: bool) -> None:
    for product in report.products:
        click.echo(f"line {product.line}: {product.handle} {product.outcome}")
        for change in product.changes:
            click.echo(f"  {change}")
        for note in product.notes:
            click.echo(f"  note: {note}")
    created, updated, unchanged = (report.count(outcome) for outcome in Outcome)
    click.echo(f"{created:,} created, {updated:,} updated, {unchanged:,} unchanged.")
    if dry_run:
        click.echo("This was a dry run: nothing was changed.")


def _tell_faults(refusal: FileRefused) -> None:
    for fault in refusal.faults[:MAX_SHOWN]:
        click.echo(str(fault), err=True)
    if (more := len(refusal.faults) - MAX_SHOWN) > 0:
        click.echo(f"... and {more:,} more.", err=True)
    click.echo("Nothing was imported. Correct these lines and try again.", err=True)


def _write_whole(file: Path, lines: Iterator[str]) -> int:
    """The count of records. A file of that name changes only at the end, in one step."""
    count = 0
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=file.resolve().parent, delete=False
    ) as target:
        try:
            for count, line in enumerate(lines, start=1):  # noqa: B007 - the last one counts
                target.write(line)
            target.close()
            Path(target.name).chmod(0o644)
            Path(target.name).replace(file)
        except BaseException:
            Path(target.name).unlink(missing_ok=True)
            raise
    return count


def _media_url() -> str:
    return f"{_settings().url}/media"


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
