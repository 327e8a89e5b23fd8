"""Changes of a product's pictures: their files, words and order, and the variants they show.

In the caller's transaction; none commits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from shop.catalog.models import Product, ProductImage, Variant
from shop.catalog.positions import number
from shop.catalog.service import Direction
from shop.extensions import db
from shop.media.pictures import StoredPicture


class OtherImages(Exception):
    """The product's pictures are not those that were to be ordered."""

    def __init__(self, product_id: int) -> None:
        self.product_id = product_id
        super().__init__(f"product {product_id} has other pictures")


def add_image(product: Product, stored: StoredPicture, alt: str) -> ProductImage:
    """Put the picture behind the product's others."""
    image = ProductImage(
        product_id=product.id,
        position=len(_images_of(product.id)) + 1,
        alt=alt,
    )
    show_stored(image, stored)
    db.session.add(image)
    db.session.flush()
    return image


def show_stored(image: ProductImage, stored: StoredPicture) -> None:
    """Let the image show these files."""
    image.file, image.width, image.height = stored.file, stored.width, stored.height
    image.ground, image.placeholder = stored.ground, stored.placeholder
    image.widths = stored.widths


def describe_image(image: ProductImage, alt: str, *, is_decorative: bool = False) -> None:
    image.alt, image.is_decorative = alt, is_decorative
    db.session.flush()


def focus_image(image: ProductImage, x: int, y: int) -> None:
    """Keep this point in sight where it is cropped: percent from its left and top."""
    image.focal_x, image.focal_y = x, y
    db.session.flush()


def show_for_variants(image: ProductImage, variant_ids: Collection[int]) -> None:
    """Make it the picture of these variants of its product, and of no others."""
    wanted = set(variant_ids)
    for variant in db.session.scalars(
        sa.select(Variant).where(Variant.product_id == image.product_id)
    ):
        if variant.id in wanted:
            variant.image_id = image.id
        elif variant.image_id == image.id:
            variant.image_id = None
    db.session.flush()


def order_images(product_id: int, ids: Sequence[int]) -> ProductImage:
    """Put all of the product's pictures in this order; the first one. Raises OtherImages where it
    has others than these.
    """
    images = {image.id: image for image in _images_of(product_id)}
    if not ids or sorted(images) != sorted(ids):
        raise OtherImages(product_id)
    number([images[id_] for id_ in ids])
    return images[ids[0]]


def move_image(image: ProductImage, direction: Direction) -> None:
    """One place up or down; at the end nothing moves."""
    images = _images_of(image.product_id)
    place = images.index(image)
    other = place + (1 if direction == Direction.DOWN else -1)
    if 0 <= other < len(images):
        images[place], images[other] = images[other], images[place]
    number(images)


def remove_image(image: ProductImage) -> str | None:
    """Take it from the product. The base name of its files, for the caller to delete once the
    transaction is kept.
    """
    rest = [other for other in _images_of(image.product_id) if other is not image]
    db.session.delete(image)
    number(rest)
    return image.file


def _images_of(product_id: int) -> list[ProductImage]:
    return list(
        db.session.scalars(
            sa.select(ProductImage)
            .where(ProductImage.product_id == product_id)
            .order_by(ProductImage.position, ProductImage.id)
        )
    )
