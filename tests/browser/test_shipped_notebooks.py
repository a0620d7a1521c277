"""The notebooks we ship, run top to bottom in a member's own session, en and fr."""

import re
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
from playwright.sync_api import BrowserContext, expect

import hexa.notebooks
from tests.bench.files import store_of
from tests.browser.test_journey import run_cells
from tests.platforms import Platform

pytestmark = pytest.mark.usefixtures("in_english")

CONTENT = Path(hexa.notebooks.__file__).parent / "content"
PICTURES = {
    "demo-python.ipynb": 2,
    "demo-python.fr.ipynb": 2,
    "demo-r.ipynb": 1,
    "demo-r.fr.ipynb": 1,
    "welcome.en.ipynb": 0,
    "welcome.fr.ipynb": 0,
}
RESULTS = ["adolescent-birth-rate-python.parquet", "adolescent-birth-rate-r.parquet"]
# As in a terminal, papermill among them: each with the kernel that it names itself.
RUN = """
import pathlib, tempfile, papermill, s3fs
store = s3fs.S3FileSystem()
folder = pathlib.Path(tempfile.mkdtemp())
for name in store.ls("demo/shipped"):
    path = folder / pathlib.PurePath(name).name
    store.get(name, str(path))
    done = papermill.execute_notebook(path, path, progress_bar=False)
    outputs = [out for cell in done.cells for out in cell.get("outputs", [])]
    print(path.name, "ran,", sum("image/png" in out.get("data", {}) for out in outputs), "pictures")
print("all over")
"""


@pytest.fixture
def shipped(admin: BrowserContext, running_platform: Platform) -> Iterator[None]:  # noqa: ARG001 # the Demo workspace is there then
    """A copy of each in the bucket, as the platform places it."""
    store = store_of(running_platform, "demo")
    for name in PICTURES:
        source = next(CONTENT.rglob(name)).read_text(encoding="utf-8")
        obstore.put(
            store, f"shipped/{name}", source.replace("{{bucket}}", "demo").encode()
        )
    yield
    made = [f"results/{name}" for name in RESULTS]
    obstore.delete(store, [*(f"shipped/{name}" for name in PICTURES), *made])


@pytest.mark.usefixtures("shipped")
def test_each_runs_from_top_to_bottom_and_its_result_is_in_files(
    admin: BrowserContext,
) -> None:
    page = admin.new_page()
    page.set_default_timeout(90_000)
    page.goto("/workspaces/demo/notebooks/")
    start = page.get_by_role("button", name="Open notebooks")
    if start.count():
        start.first.click()
    else:
        page.goto("/notebooks/user/admin/demo/lab")
    page.wait_for_url("**/lab**")
    run_cells(page, RUN)
    output = page.locator(
        ".jp-OutputArea-output", has_text=re.compile("all over|Error")
    )
    expect(output.last).to_be_visible(timeout=240_000)
    told = page.locator(".jp-OutputArea").inner_text()
    for name, pictures in PICTURES.items():
        assert f"{name} ran, {pictures} pictures" in told, told

    for name in RESULTS:
        page.goto(f"/workspaces/demo/files/s3:demo/results/{name}")
        expect(page.locator("#preview")).to_contain_text("adolescent_birth_rate")
    page.close()
