"""What a product CSV says, and what is wrong with it."""

from __future__ import annotations

import pytest

from shop.catalog.csvfile import FileRefused
from shop.catalog.sheet import Sheet, SheetProduct, SheetVariant
from shop.catalog.sheet_reader import read_sheet

HEADER = [
    *("Handle", "Title", "Body (HTML)", "Tags", "Published", "Status"),
    *("Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value"),
    *("Variant SKU", "Variant Grams", "Variant Inventory Tracker", "Variant Inventory Qty"),
    *("Variant Inventory Policy", "Variant Price", "Variant Compare At Price", "Variant Taxable"),
    *("Image Src", "Image Position"),
]


def row(**cells: str) -> list[str]:
    """A row by the column's name, blanks as underscores."""
    values = {name.replace("_", " "): cell for name, cell in cells.items()}
    assert values.keys() <= set(HEADER)
    return [values.get(name, "") for name in HEADER]


def sheet_of(*rows: list[str], currency: str = "GBP") -> Sheet:
    lines = [",".join(f'"{cell}"' for cell in cells) for cells in (HEADER, *rows)]
    return read_sheet("\n".join(lines).encode(), currency)


def product_of(**cells: str) -> SheetProduct:
    sheet = sheet_of(row(**({"Handle": "a", "Title": "A", "Variant_Price": "1"} | cells)))
    assert sheet.faults == ()
    return sheet.products[0]


def variant_of(**cells: str) -> SheetVariant:
    return product_of(**cells).variants[0]


def faults_of(*rows: list[str], currency: str = "GBP") -> list[str]:
    return [str(fault) for fault in sheet_of(*rows, currency=currency).faults]


def fault_of(**cells: str) -> str:
    (fault,) = faults_of(row(**({"Handle": "a", "Title": "A", "Variant_Price": "1"} | cells)))
    return fault


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("50", 5000),
        ("9.99", 999),
        ("1,5", 150),
        ("1.5", 150),
        (" 12,50 \u00a0", 1250),
        ("0", 0),
        ("0.00", 0),
        ("999999.99", 99_999_999),
    ],
)
def test_prices_have_a_point_or_a_comma(text: str, amount: int) -> None:
    assert variant_of(Variant_Price=text).values.unit_amount == amount


@pytest.mark.parametrize(
    "text",
    [
        *("1,234", "1.234", "1.200", "1,200", "1,234.50", "1.234,50", "1 234", "£5", "5 GBP"),
        *("1e3", "abc", ".5", "5.", "1.999", "٣", "0x10", "1_000", "NaN"),
    ],
)
def test_a_price_that_could_mean_two_things_is_refused(text: str) -> None:
    fault = fault_of(Variant_Price=text)

    assert fault == (
        f'line 2, Variant Price: "{text.strip()}" is not a price in GBP;'
        " write 12.50 or 12,50, without grouping"
    )


@pytest.mark.parametrize(
    ("currency", "text", "amount"),
    [("JPY", "1200", 1200), ("JPY", "1200.00", 1200), ("KWD", "1.230", 1230), ("KWD", "1,5", 1500)],
)
def test_prices_follow_the_currency(currency: str, text: str, amount: int) -> None:
    cells = row(Handle="a", Title="A", Variant_Price=text)

    (product,) = sheet_of(cells, currency=currency).products

    assert product.variants[0].values.unit_amount == amount


@pytest.mark.parametrize(
    ("currency", "text"), [("JPY", "1.200"), ("JPY", "12.5"), ("KWD", "1,230"), ("KWD", "1.234")]
)
def test_prices_that_do_not_follow_the_currency_are_refused(currency: str, text: str) -> None:
    cells = row(Handle="a", Title="A", Variant_Price=text)

    assert len(faults_of(cells, currency=currency)) == 1


def test_a_reduced_price_is_kept_as_given() -> None:
    amounts = [
        variant_of(Variant_Compare_At_Price=text).values.compare_at_amount
        for text in ("", "0", "0.50", "75")
    ]

    assert amounts == [None, 0, 50, 7500]


@pytest.mark.parametrize(
    ("tracker", "policy", "is_tracked", "sells_on"),
    [
        ("shopify", "deny", True, False),
        ("shopify", "", True, None),
        ("other", "deny", True, False),
        ("shopify", "continue", True, True),
        ("shopify", "TRUE", True, True),
        ("", "deny", False, None),
        ("", "continue", False, None),
        ("", "", False, None),
    ],
)
def test_stock_is_counted_where_a_tracker_counts_and_zero_is_the_end_unless_it_sells_on(
    tracker: str, policy: str, is_tracked: bool, sells_on: bool | None
) -> None:
    variant = variant_of(
        Variant_Inventory_Tracker=tracker,
        Variant_Inventory_Policy=policy,
        Variant_Inventory_Qty="7",
    )

    assert (variant.values.is_tracked, variant.values.quantity) == (is_tracked, 7)
    assert variant.values.sells_on is sells_on


@pytest.mark.parametrize(
    ("published", "status", "is_published"),
    [
        ("true", "", True),
        ("TRUE", "active", True),
        ("", "", True),
        ("", "active", True),
        ("false", "", False),
        ("false", "active", False),
        ("true", "draft", False),
        ("true", "archived", False),
        ("", "Draft", False),
    ],
)
def test_a_product_is_shown_unless_a_column_says_no(
    published: str, status: str, is_published: bool
) -> None:
    assert product_of(Published=published, Status=status).values.is_published is is_published


def test_the_default_title_is_no_option() -> None:
    product = product_of(Option1_Name="Title", Option1_Value="Default Title")

    assert product.values.option_names == ()
    assert product.variants[0].values.options == ("", "", "")


def test_an_option_may_be_called_title() -> None:
    sheet = sheet_of(
        row(Handle="a", Title="A", Option1_Name="Title", Option1_Value="Dr", Variant_Price="1"),
        row(Handle="a", Option1_Value="Prof", Variant_Price="1"),
    )

    assert sheet.faults == ()
    assert sheet.products[0].values.option_names == ("Title",)


def test_rows_of_a_product_need_not_follow_each_other() -> None:
    sheet = sheet_of(
        row(Handle="a", Title="A", Option1_Name="Size", Option1_Value="S", Variant_Price="1"),
        row(Handle="b", Title="B", Variant_Price="1"),
        row(Handle="A", Option1_Value="M", Variant_Price="1"),
    )

    assert sheet.faults == ()
    assert [(p.values.handle, len(p.variants)) for p in sheet.products] == [("a", 2), ("b", 1)]


def test_pictures_stand_by_their_position_and_those_of_variants_last() -> None:
    header = "Handle,Title,Variant Price,Option1 Name,Option1 Value,Image Src,Image Position,"
    text = header + (
        "Variant Image\n"
        "a,A,1,Size,S,https://x.example/2.jpg,2,https://x.example/only.jpg\n"
        "a,,1,,M,https://x.example/1.jpg,1,https://x.example/2.jpg\n"
        "a,,,,,https://x.example/9.jpg,,\n"
    )

    (product,) = read_sheet(text.encode(), "GBP").products

    assert [(image.values.url[-5:], image.values.position) for image in product.images] == [
        ("1.jpg", 1),
        ("2.jpg", 2),
        ("9.jpg", 3),
        ("y.jpg", 4),
    ]


def test_text_is_kept_readable() -> None:
    product = product_of(
        Title=" Tuesday \u202egum\u202c\u200b\u00a0 mug ", Tags=" a , b,a,, c ", Handle=" A-1 "
    )

    assert product.values.title == "Tuesday gum mug"
    assert product.values.tags == ("a", "b", "c")
    assert product.values.handle == "a-1"


def test_grams_are_rounded() -> None:
    grams = [variant_of(Variant_Grams=text).values.weight_grams for text in ("350.5", "0,4", "")]

    assert grams == [351, 0, 0]


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"Handle": " "}, "Handle: the handle is missing"),
        (
            {"Handle": "a b"},
            'Handle: "a b" may hold only letters, digits and hyphens, at most 255',
        ),
        (
            {"Handle": "x" * 256},
            f'Handle: "{"x" * 40}…" may hold only letters, digits and hyphens, at most 255',
        ),
        ({"Title": " "}, "Title: the title is missing"),
        ({"Title": "x" * 256}, "Title: 256 characters, at most 255"),
        ({"Title": "e" + "\u0301" * 3000}, "Title: 3,001 characters, at most 255"),
        ({"Published": "maybe"}, 'Published: "maybe" is neither true nor false'),
        ({"Status": "gone"}, 'Status: "gone" is neither active, draft nor archived'),
        (
            {"Tags": ",".join(f"t{n}" for n in range(251))},
            "Tags: at most 250 tags of at most 255 characters",
        ),
        ({"Variant_Price": "-5"}, 'Variant Price: "-5" is negative'),
        (
            {"Variant_Price": "1234567,89"},
            'Variant Price: "1234567,89" is more than 999999.99',
        ),
        ({"Variant_Price": "1000000"}, 'Variant Price: "1000000" is more than 999999.99'),
        ({"Variant_Price": "", "Variant_SKU": "A"}, "Variant Price: the price is missing"),
        (
            {"Variant_Compare_At_Price": "x"},
            'Variant Compare At Price: "x" is not a price in GBP;'
            " write 12.50 or 12,50, without grouping",
        ),
        ({"Variant_Inventory_Qty": "-1"}, 'Variant Inventory Qty: "-1" is negative'),
        ({"Variant_Inventory_Qty": "1.5"}, 'Variant Inventory Qty: "1.5" is not a whole number'),
        ({"Variant_Inventory_Qty": "٣"}, 'Variant Inventory Qty: "٣" is not a whole number'),
        (
            {"Variant_Inventory_Qty": "1000001"},
            'Variant Inventory Qty: "1000001" is more than 1,000,000',
        ),
        (
            {"Variant_Inventory_Policy": "sell"},
            'Variant Inventory Policy: "sell" is neither deny nor continue',
        ),
        ({"Variant_Grams": "heavy"}, 'Variant Grams: "heavy" is not a number'),
        ({"Variant_Taxable": "x"}, 'Variant Taxable: "x" is neither true nor false'),
        ({"Variant_SKU": "x" * 256}, "Variant SKU: 256 characters, at most 255"),
        (
            {"Image_Src": "file:///etc/passwd"},
            'Image Src: "file:///etc/passwd" is no address that begins with https:// or http://',
        ),
        (
            {"Image_Src": "https://x.example/" + "y" * 2048},
            "Image Src: 2,066 characters, at most 2,048",
        ),
        ({"Image_Position": "first"}, 'Image Position: "first" is not a whole number'),
        (
            {"Option1_Name": "Size"},
            "Option1 Value: the value of Size is missing",
        ),
        (
            {"Option1_Value": "S"},
            'Option1 Value: "S" belongs to an option without a name',
        ),
    ],
)
def test_a_bad_cell_is_told_with_line_column_and_reason(cells: dict[str, str], fault: str) -> None:
    assert fault_of(**cells) == f"line 2, {fault}"


def test_rows_of_one_product_must_agree() -> None:
    faults = faults_of(
        row(Handle="a", Title="A", Option1_Name="Size", Option1_Value="S", Variant_Price="1"),
        row(Handle="a", Title="B", Option1_Value="S", Variant_Price="1", Variant_SKU="X"),
        row(Handle="b", Title="B", Variant_Price="1", Variant_SKU="X"),
        row(
            Handle="c",
            Title="C",
            Option1_Name="A",
            Option1_Value="1",
            Option2_Name="A",
            Option2_Value="2",
            Variant_Price="1",
        ),
    )

    assert faults == [
        "line 3, Title: differs from line 2, which has the same handle",
        "line 3, Option1 Value: the same option values as in line 2",
        'line 4, Variant SKU: "X" is the SKU of line 3, too',
        'line 5, Option1 Name: "A" is the name of two options',
        'line 5, Option2 Name: "A" is the name of two options',
    ]


def test_every_fault_of_the_file_is_told() -> None:
    rows = [row(Handle=f"p{n}", Title="", Variant_Price="x") for n in range(120)]

    faults = sheet_of(*rows).faults

    assert len(faults) == 240
    assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("Title,Variant Price", "line 1, Handle: the column is missing"),
        (
            "Handle,Variant Price,Price",
            "line 1, Price: is given twice (also as Variant Price)",
        ),
    ],
)
def test_columns_that_make_no_sense_are_refused(header: str, fault: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        read_sheet(header.encode() + b"\na,1,1\n", "GBP")

    assert str(refusal.value) == fault
