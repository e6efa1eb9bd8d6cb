"""A small run with its page, and a browser."""

import os
import shutil
import subprocess

import pytest
from filelock import FileLock
from selenium import webdriver
from tests.report.made_run import EVERY, make_run


@pytest.fixture(scope="session")
def small_run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("small_run"))


@pytest.fixture(scope="session")
def page(small_run):
    """The page with every section."""
    return small_run.make(sections=EVERY)


def _installed():
    if shutil.which("chromium") and shutil.which("chromedriver"):
        return True
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    with FileLock("/tmp/speckle2vec-chromium.lock"):
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "chromium",
                                       "chromium-driver"]):  # fmt: skip
            subprocess.run(["apt-get", "--quiet", *arguments], check=False, capture_output=True,
                           env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})  # fmt: skip
    return bool(shutil.which("chromium") and shutil.which("chromedriver"))


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium that logs its console and its network."""
    if not _installed():
        pytest.skip("Chromium and its driver are missing, and apt cannot install them here")
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                     "--window-size=1280,900", "--enable-unsafe-swiftshader"):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options, service)
    yield driver
    driver.quit()
