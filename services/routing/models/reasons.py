"""Why a request is at its department, where no rule gives the reason; citizens and officers read it."""

from collections.abc import Mapping

UNDECIDED = {
    "en": "We are choosing the right department.",
    "ur": "ہم درست محکمہ چن رہے ہیں۔",
}
ABOUT_DEPARTMENT = {
    "en": "It is about {en}, so it goes to the office above it.",
    "ur": "یہ شکایت {ur} کے بارے میں ہے، اس لیے اس سے اوپر کے دفتر کو بھیجی گئی۔",
}
HEARS_APPEALS = {
    "en": "It hears appeals against decisions of: {en}.",
    "ur": "{ur} کے فیصلوں کے خلاف اپیلیں یہاں سنی جاتی ہیں۔",
}
ONE_LEVEL_UP = {
    "en": "The office that would decide has an interest in it, so it went one level up.",
    "ur": "فیصلہ کرنے والے دفتر کا اس معاملے سے ذاتی تعلق ہے، اس لیے یہ اس سے اوپر کے دفتر کو بھیجی گئی۔",
}
TRANSFERRED = {"en": "Transferred by {en}.", "ur": "{ur} نے منتقل کیا۔"}
TRANSFERRED_OFTEN = {
    "en": "Departments have transferred it twice already. Now a person chooses the right department.",
    "ur": "محکمے اسے پہلے ہی دو بار منتقل کر چکے ہیں۔ اب درست محکمہ ایک افسر چنے گا۔",
}
SEPARATED = {
    "en": "It was merged with another request and is a thing of its own after all.",
    "ur": "اسے دوسری درخواست کے ساتھ ملا دیا گیا تھا، مگر یہ الگ معاملہ ہے۔",
}
REVIVED = {
    "en": "The request with which it was merged was closed without being done; this one goes on by itself.",
    "ur": "جس درخواست کے ساتھ اسے ملایا گیا تھا وہ کام مکمل ہوئے بغیر بند ہو گئی؛ اب یہ الگ سے آگے بڑھے گی۔",
}


def naming(reason: Mapping[str, str], department: Mapping[str, str]) -> dict[str, str]:
    """The reason with the name of a department, in both languages."""
    return {language: text.format(**department) for language, text in reason.items()}
