"""A person at the platform, by HTTP as a browser would."""

import re
import time
from types import TracebackType
from typing import Self

import httpx

from tests.platforms import Platform


class Visitor:
    def __init__(self, platform: Platform, email: str, password: str) -> None:
        self.platform = platform
        self.email, self.password = email, password
        self.http = httpx.Client(
            base_url=platform.url,
            # Whatever language the person was left with by the test before.
            cookies={"hexa_language": "en"},
            follow_redirects=True,
            timeout=120,
            max_redirects=30,
        )

    def __enter__(self) -> Self:
        page = self.http.get("/accounts/login/")
        form = {"login": self.email, "password": self.password}
        answer = self.post("/accounts/login/", form, page=page)
        assert "/accounts/login" not in str(answer.url), "not signed in"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()

    def post(
        self, path: str, form: dict[str, str], *, page: httpx.Response | None = None
    ) -> httpx.Response:
        shown = page or self.http.get("/workspaces/create/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown.text)
        assert token, shown.url
        headers = {"Referer": f"{self.platform.url}/"}
        fields = {**form, "csrfmiddlewaretoken": token[1]}
        return self.http.post(path, data=fields, headers=headers)

    def make_workspace(self, slug: str) -> None:
        form = {"name": slug, "slug": slug, "countries": ""}
        answer = self.post("/workspaces/create/", form)
        assert str(answer.url).endswith(f"/workspaces/{slug}/"), answer.url

    def open_lab(self, slug: str, handle: str) -> float:
        """Seconds from the click to the page of JupyterLab, signed in to it."""
        form = self.http.get(f"/workspaces/{slug}/notebooks/")
        begun = time.perf_counter()
        base = f"/workspaces/{slug}/notebooks"
        self.post(f"{base}/open/", {}, page=form)
        with self.http.stream("GET", f"{base}/progress/") as events:
            for line in events.iter_lines():
                assert "event: failed" not in line
                if "event: ready" in line:
                    break
        lab = self.http.get(f"/notebooks/user/{handle}/{slug}/lab")
        assert lab.status_code == 200, lab.status_code
        assert "jupyter-config-data" in lab.text
        return time.perf_counter() - begun

    def stop_lab(self, slug: str) -> None:
        page = self.http.get(f"/workspaces/{slug}/notebooks/")
        self.post(f"/workspaces/{slug}/notebooks/stop/", {}, page=page)
