"""What our JupyterLab extension asks its server, and what Lab is set to."""

import json
from pathlib import Path

import httpx
from tests.lab.platform import Platform
from tests.lab.server import Lab
from tests.lab.store import Store, bucket_of


def test_status_names_workspace_and_drives(lab: Lab, drive: str) -> None:
    status = lab.http.get("/hexa/status").json()
    assert status["workspace"]["name"] == "Malaria team"
    assert {"name": drive, "access": "write"} in status["drives"]
    assert status["language"] == "en"


def test_addresses_work_as_copied(lab: Lab, drive: str, store: Store) -> None:
    store.put(bucket_of(drive), "data/Été 100%.csv", b"a")
    names = lab.http.get(
        "/hexa/address", params={"path": f"{drive}/data/Été 100%.csv"}
    ).json()
    address = f"s3://{bucket_of(drive)}/data/Été 100%.csv"
    assert names["address"] == address
    assert f'pd.read_csv("{address}")' in names["pandas"]
    assert names["r"] == f'df <- hexakit::read_csv("{address}")'
    assert f"read_csv('{address}')" in names["duckdb"]


def test_folders_have_an_address_only(lab: Lab, drive: str, store: Store) -> None:
    store.put(bucket_of(drive), "data/a.csv", b"a")
    assert lab.names(drive) == {"data"}
    names = lab.http.get("/hexa/address", params={"path": f"{drive}/data"}).json()
    assert names == {"address": f"s3://{bucket_of(drive)}/data"}


def test_files_of_the_home_have_their_path(lab: Lab) -> None:
    (lab.home / "a.csv").write_text("a")
    names = lab.http.get("/hexa/address", params={"path": "a.csv"}).json()
    assert names["address"] == str(lab.home / "a.csv")
    assert str(lab.home / "a.csv") in names["pandas"]


def test_stop_restart_and_keep_are_forwarded(lab: Lab, platform: Platform) -> None:
    platform.asked.clear()
    assert lab.http.post("/hexa/stop").status_code == 202
    assert lab.http.post("/hexa/restart").status_code == 202
    assert lab.http.post("/hexa/keep").status_code == 204
    asked = " ".join(platform.asked)
    assert "POST /api/session/stop/" in asked
    assert "POST /api/session/restart/" in asked


def test_routes_need_a_sign_in(lab: Lab) -> None:
    with httpx.Client(base_url=lab.http.base_url, trust_env=False) as stranger:
        for route in ["status", "address?path=a"]:
            assert stranger.get(f"/hexa/{route}").status_code == 403
        assert stranger.post("/hexa/stop").status_code == 403


def test_lab_asks_no_news_server_and_runs_no_linked_commands(lab: Lab) -> None:
    page = lab.http.get("/lab").text
    config = json.loads(page.split('type="application/json">')[1].split("</script>")[0])
    assert config["news"] == {"disabled": True}
    disabled = config["disabledExtensions"]
    assert "@jupyterlab/apputils-extension:announcements" in disabled
    setting = "@jupyterlab/apputils-extension:sanitizer"
    sanitizer = lab.http.get(f"/lab/api/settings/{setting}").json()
    properties = sanitizer["schema"]["properties"]
    assert properties["allowCommandLinker"]["default"] is False


def test_lab_speaks_the_language_of_the_person(
    lab: Lab, platform: Platform, tmp_path: Path
) -> None:
    lab.names("")  # the session is looked at anew, after whoever came before
    assert locale_of(lab) == "en"
    platform.language = "fr"
    french = Lab(tmp_path, platform)
    french.start()
    try:
        assert locale_of(french) == "fr_FR"
        assert french.http.get("/lab/api/translations/fr_FR").json()["data"]
    finally:
        french.stop()


def locale_of(lab: Lab) -> object:
    setting = "@jupyterlab/translation-extension:plugin"
    answer = lab.http.get(f"/lab/api/settings/{setting}").json()
    return answer["schema"]["properties"]["locale"]["default"]


def test_terminals_open_bash(lab: Lab) -> None:
    made = lab.http.post("/api/terminals")
    assert made.status_code == 200
    assert lab.http.delete(f"/api/terminals/{made.json()['name']}").status_code == 204
