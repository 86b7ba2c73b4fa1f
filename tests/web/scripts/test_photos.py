"""Sending photos: resized, with progress, and without loss after an error."""

import pytest
from playwright.async_api import FilePayload, Request, expect

from tests.web.scripts.stage import Reply, Stage, html, noise

UPLOAD = """<form method="post" action="/send" enctype="multipart/form-data"><input type="hidden" name="_key" value="k">
<input type="file" name="photo" multiple>{{ sending() }}<button name="way" value="on">Send</button>
<button name="_show" value="1">Show</button></form>"""


PHOTO: FilePayload = {"name": "Lamp.photo.png", "mimeType": "image/png", "buffer": noise(2000, 400)}
PAPER: FilePayload = {"name": "paper.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 " + b"x" * 300_000}
DIMENSIONS = """async () => {
  const [file] = document.querySelector("[type=file]").files;
  const image = await createImageBitmap(file);
  return [file.name, file.type, image.width, image.height];
}"""


async def test_photos_are_resized_and_documents_are_not(stage: Stage) -> None:
    await stage.open(html(UPLOAD, "photos.js"))
    await stage.page.set_input_files("[type=file]", [PHOTO, PAPER])
    await expect(stage.page.get_by_role("status")).to_contain_text("Your photos were made smaller")
    assert await stage.page.evaluate(DIMENSIONS) == ["Lamp.photo.jpg", "image/jpeg", 1600, 320]
    sizes = await stage.page.evaluate("[...document.querySelector('[type=file]').files].map((file) => file.size)")
    assert sizes[0] < len(PHOTO["buffer"]) / 2
    assert sizes[1] == len(PAPER["buffer"])


async def test_upload_shows_progress_and_opens_the_next_page(stage: Stage) -> None:
    async def answer(_: Request) -> Reply:
        await expect(stage.page.locator("progress")).to_be_visible()
        await expect(stage.page.get_by_role("status")).to_have_text("Your files are being sent. Stay on this page.")
        return Reply(status=204, headers={"Location": "/done?number=1"})

    stage.plays["POST", "/send"] = answer
    stage.play("/done", html("<p>It is sent</p>"))
    await stage.open(html(UPLOAD, "photos.js"))
    await stage.page.set_input_files("[type=file]", [PAPER])
    await stage.page.get_by_role("button", name="Send").dblclick()
    await expect(stage.page.get_by_text("It is sent")).to_be_visible()
    (sent,) = stage.of("/send", "POST")
    assert sent.headers["x-requested-with"] == "script"
    assert b'name="way"\r\n\r\non' in (sent.post_data_buffer or b"")
    assert b'filename="paper.pdf"' in (sent.post_data_buffer or b"")


async def test_response_without_redirect_is_shown(stage: Stage) -> None:
    stage.play("/send", Reply(html("<p>One file is too large</p>"), 422), method="POST")
    await stage.open(html(UPLOAD, "photos.js"))
    await stage.page.set_input_files("[type=file]", [PAPER])
    await stage.page.get_by_role("button", name="Send").click()
    await expect(stage.page.get_by_text("One file is too large")).to_be_visible()
    by_script, plain = stage.of("/send", "POST")
    assert "x-requested-with" not in plain.headers
    assert b'name="way"\r\n\r\non' in (plain.post_data_buffer or b"")
    assert b'name="_key"\r\n\r\nk' in (by_script.post_data_buffer or b"")


async def test_lost_connection_loses_nothing(stage: Stage) -> None:
    stage.play("/send", Reply(status=0), Reply(status=204, headers={"Location": "/done"}), method="POST")
    stage.play("/done", html("<p>It is sent</p>"))
    await stage.open(html(UPLOAD, "photos.js"))
    await stage.page.set_input_files("[type=file]", [PAPER])
    await stage.page.get_by_role("button", name="Send").click()
    await expect(stage.page.get_by_role("status")).to_contain_text("the connection was lost")
    await stage.page.get_by_role("button", name="Send").click()
    await expect(stage.page.get_by_text("It is sent")).to_be_visible()


@pytest.mark.parametrize(("button", "files"), [("Show", [PAPER]), ("Send", [])])
async def test_form_without_files_is_sent_by_the_browser(stage: Stage, button: str, files: list[FilePayload]) -> None:
    stage.play("/send", html("<p>Here it is</p>"), method="POST")
    await stage.open(html(UPLOAD, "photos.js"))
    await stage.page.set_input_files("[type=file]", files)
    await stage.page.get_by_role("button", name=button).click()
    await expect(stage.page.get_by_text("Here it is")).to_be_visible()
    (sent,) = stage.of("/send", "POST")
    assert "x-requested-with" not in sent.headers
