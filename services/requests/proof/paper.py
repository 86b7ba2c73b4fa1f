"""The printed receipt: one A4 page in English and Urdu with a QR code that contains the signed receipt.

The QR code is a link to the page that checks the receipt; it works offline too, since it contains the receipt. The PDF
also has the receipt as an uncompressed attachment, `receipt.jws`, in case the print is unreadable.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import segno
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos

from services.requests.proof.printable import Both, Fonts, Printed
from shared.clock import PAKISTAN

ATTACHMENT = "receipt.jws"
LEFT, WIDTH, HALF, GAP = 15.0, 180.0, 86.0, 8.0
QR = 72.0
"""Millimetres. The code has about 100 modules a side: 0.7 mm each, which a phone reads from a photocopy."""
GREEN, GREY, PALE = (1, 87, 62), (90, 96, 94), (236, 243, 240)
MONTHS_UR = ("جنوری", "فروری", "مارچ", "اپریل", "مئی", "جون", "جولائی", "اگست", "ستمبر", "اکتوبر", "نومبر", "دسمبر")
DIGITS_UR = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
TITLE = ("Receipt of a request", "درخواست کی رسید")
KINDS = {
    "application": ("Application", "درخواست برائے خدمت"),
    "complaint": ("Complaint", "شکایت"),
    "appeal": ("Appeal", "اپیل"),
}
LABELS = {
    "service": ("Service", "خدمت"),
    "kind": ("Kind", "قسم"),
    "submitted_at": ("Received on", "موصول ہونے کی تاریخ"),
    "district": ("District", "ضلع"),
    "checks": ("Checks at filing", "جمع کراتے وقت کی جانچ"),
}
PASSED = {True: ("Met", "پوری"), False: ("Not met", "پوری نہیں")}
FOLLOW = (
    "Follow your request at {url}/track with this number and the last four digits of your mobile number "
    "(or the code you were given, if you filed without your name).",
    "اپنی درخواست کی پیش رفت {url}/track پر اس نمبر اور اپنے موبائل نمبر کے آخری چار ہندسوں (یا نام ظاہر کیے بغیر "
    "درخواست کی صورت میں دیے گئے کوڈ) سے معلوم کیجیے۔",
)
PROOF = (
    "Scan the code on this page to check this receipt. The code holds the signed receipt itself: without a network "
    "too it proves that your request was received, when, and how its history began. Keep this page or the file.",
    "رسید کی تصدیق کے لیے اس صفحے کا کوڈ سکین کیجیے۔ کوڈ میں دستخط شدہ رسید خود موجود ہے: یہ انٹرنیٹ کے بغیر بھی "
    "ثابت کرتا ہے کہ آپ کی درخواست کب موصول ہوئی اور اس کا ریکارڈ کیسے شروع ہوا۔ یہ صفحہ یا فائل محفوظ رکھیے۔",
)


class Page(FPDF):
    """An A4 page with two columns: English from the left, Urdu from the right."""

    def __init__(self, fonts: Fonts) -> None:
        super().__init__(format="A4")
        self.set_margins(LEFT, 14, LEFT)
        self.set_auto_page_break(True, 12)
        self.add_font("latin", "", fonts.latin)
        self.add_font("latin", "B", fonts.bold)
        self.add_font("urdu", "", fonts.urdu)
        self.set_fallback_fonts(["latin"])
        self.tall = fonts.tall
        self.add_page()

    def english(self, text: str, size: float, x: float, width: float, *, bold: bool = False) -> float:
        """Write English at the current position; returns the height below it."""
        self.set_x(x)
        self.multi_cell(width, *self._as_english(text, size, bold), align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
        return float(self.get_y())

    def in_urdu(self, text: str, size: float, x: float, width: float) -> float:
        """Write Urdu at the current position; returns the height below it."""
        self.set_x(x)
        self.multi_cell(width, *self._as_urdu(text, size), align="R", new_x=XPos.LEFT, new_y=YPos.NEXT)
        return float(self.get_y())

    def both(self, words: Both, size: float, *, bold: bool = False, x: float = LEFT, width: float = WIDTH) -> None:
        """Write a text in both languages side by side on one page."""
        half = (width - GAP) / 2
        english, urdu = words
        tallest = max(
            self._height(half, *self._as_english(english, size, bold)), self._height(half, *self._as_urdu(urdu, size))
        )
        if self.get_y() + tallest > self.page_break_trigger:
            self.add_page()
        top = self.get_y()
        left = self.english(english, size, x, half, bold=bold)
        self.set_y(top)
        right = self.in_urdu(urdu, size, x + half + GAP, half)
        self.set_y(max(left, right))

    def _as_english(self, text: str, size: float, bold: bool) -> tuple[float, str]:
        """Select the English font; returns the line height and the text."""
        self.set_font("latin", "B" if bold else "", size)
        self.set_text_shaping(False)
        return size * 0.5, text

    def _as_urdu(self, text: str, size: float) -> tuple[float, str]:
        """Select the Urdu font; returns the line height and the text."""
        self.set_font("urdu", "", size)
        self.set_text_shaping(True, direction="rtl", script="arab", language="urd")
        return size * (0.78 if self.tall else 0.56), text

    def _height(self, width: float, line: float, text: str) -> float:
        """The height of the text in the current font."""
        height: Any = self.multi_cell(width, line, text, dry_run=True, output=MethodReturnValue.HEIGHT)
        return float(height)


def printed_receipt(what: Printed, fonts: Fonts) -> bytes:
    """The page as a PDF file. Takes some tenths of a second: call it in a thread."""
    page = Page(fonts)
    page.set_title(f"Rabta: {what.number}")
    page.set_lang("en")
    page.set_creation_date(what.submitted_at)
    _head(page, what)
    for label, value in (
        ("service", what.service),
        ("kind", KINDS.get(what.kind, (what.kind, what.kind))),
        ("submitted_at", moment(what.submitted_at)),
        ("district", what.district),
    ):
        _row(page, LABELS[label], value)
    _checks(page, what.checks)
    _foot(page, what)
    page.embed_file(bytes=what.receipt.encode(), basename=ATTACHMENT, desc="signed receipt (JWS)", compress=False)
    return bytes(page.output())


def moment(at: datetime) -> Both:
    """A time in Pakistan, in both languages."""
    local = at.astimezone(PAKISTAN)
    clock = f"{local:%H:%M}"
    english = f"{local.day} {local:%B %Y}, {clock} (Pakistan time)"
    day, year = str(local.day).translate(DIGITS_UR), str(local.year).translate(DIGITS_UR)
    urdu = f"{day} {MONTHS_UR[local.month - 1]} {year}، {clock.translate(DIGITS_UR)} بجے (پاکستان کا وقت)"
    return english, urdu


def _head(page: Page, what: Printed) -> None:
    page.set_text_color(*GREEN)
    page.both(TITLE, 17, bold=True)
    page.ln(2)
    page.set_fill_color(*PALE)
    page.set_font("latin", "B", 22)
    page.set_text_shaping(False)
    page.cell(WIDTH, 16, what.number, align="C", fill=True, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.set_text_color(0, 0, 0)
    page.ln(4)


def _row(page: Page, label: Both, value: Both) -> None:
    page.set_text_color(*GREY)
    page.both(label, 8.5)
    page.set_text_color(0, 0, 0)
    page.both(value, 11)
    page.ln(1.5)


def _checks(page: Page, checks: Sequence[tuple[bool, Both]]) -> None:
    if not checks:
        return
    page.set_text_color(*GREY)
    page.both(LABELS["checks"], 8.5)
    page.set_text_color(0, 0, 0)
    for passed, (english, urdu) in checks:
        mark = PASSED[passed]
        page.both((f"{mark[0]}: {english}", f"{mark[1]}: {urdu}"), 9.5)
    page.ln(1.5)


def _foot(page: Page, what: Printed) -> None:
    """The QR code with an explanation; on a new page if there is no room."""
    if page.get_y() + QR + 4 > page.page_break_trigger:
        page.add_page()
    page.set_draw_color(*GREEN)
    page.line(LEFT, page.get_y(), LEFT + WIDTH, page.get_y())
    page.ln(3)
    top = page.get_y()
    page.image(io.BytesIO(qr_image(what.proof_address)), x=LEFT, y=top, w=QR, h=QR)
    beside, width = LEFT + QR + 6, WIDTH - QR - 6
    page.set_y(top + 2)
    for english, urdu in (FOLLOW, PROOF):
        words: Mapping[str, Any] = {"url": what.url}
        page.english(english.format_map(words), 9.5, beside, width)
        page.in_urdu(urdu.format_map(words), 9.5, beside, width)
        page.ln(2)


def qr_image(text: str) -> bytes:
    """A QR code with medium error correction as a PNG image."""
    image = io.BytesIO()
    segno.make_qr(text, error="m", boost_error=False).save(image, kind="png", scale=6, border=4)
    return image.getvalue()
