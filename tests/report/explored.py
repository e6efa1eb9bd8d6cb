"""The explorer in a browser: how its parts, which hide in shadow trees, are found and used."""

import itertools
import json
import re
import signal
import subprocess
import sys
from dataclasses import dataclass

import cv2
import numpy as np
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

FIND = """
const all = (root, wanted) => [...root.querySelectorAll(wanted), ...[...root.querySelectorAll('*')]
  .filter(one => one.shadowRoot).flatMap(one => all(one.shadowRoot, wanted))];
return all(document, arguments[0]);
"""


@dataclass
class Served:
    """A running explorer."""

    process: subprocess.Popen
    address: str

    def stop(self):
        """Press Ctrl-C; status and last words."""
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


def serve(folder, *arguments):
    command = ["explore", "--folder", str(folder), "--port", "0", "--no-browser", *arguments]
    process = subprocess.Popen([sys.executable, "-m", "speckle2vec", *command],
                               stderr=subprocess.PIPE, text=True)  # fmt: skip
    line = process.stderr.readline()
    found = re.search(r"http://\S+", line)
    if not found:
        process.kill()
        raise AssertionError(line + process.stderr.read())
    return Served(process, found[0])


@dataclass
class Viewer:
    """The embedding projector on the page."""

    driver: object
    requests: set
    said: list

    @classmethod
    def opened(cls, driver, address):
        for kind in ("browser", "performance"):
            driver.get_log(kind)
        driver.get(address)
        for _ in range(2):  # a plugin stands in a frame, and this one in another within
            frame = cls._waits(driver, lambda one: one.find_element(By.TAG_NAME, "iframe"))
            driver.switch_to.frame(frame)
        viewer = cls(driver, set(), [])
        viewer.waits(lambda: viewer.texts(".numDataPoints") not in ([], ["0"], [""]))
        viewer.waits(lambda: viewer.colours() > 0)
        viewer.hear()
        return viewer

    @staticmethod
    def _waits(driver, condition, seconds=60):
        return WebDriverWait(driver, seconds, ignored_exceptions=[Exception]).until(condition)

    def waits(self, condition):
        return self._waits(self.driver, lambda _: condition())

    def hear(self):
        """Keep what has been asked of whom, and what the console has said."""
        logged = [
            json.loads(one["message"])["message"] for one in self.driver.get_log("performance")
        ]
        self.requests |= {one["params"]["request"]["url"] for one in logged
                          if one["method"] == "Network.requestWillBeSent"}  # fmt: skip
        self.said += self.driver.get_log("browser")

    def find(self, wanted):
        return self.driver.execute_script(FIND, wanted)

    def texts(self, wanted):
        return [one.text for one in self.find(wanted)]

    def picture(self):
        """What is seen of the points (y, x, 3), red first."""
        packed = np.frombuffer(self.find("#scatter")[0].screenshot_as_png, np.uint8)
        return cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1]

    def colours(self):
        """How many colours are seen of what is neither white, grey nor as thin as an axis."""
        picture = self.picture()
        return len(np.unique(picture[coloured(picture)] // 16, axis=0))

    def search(self, text):
        within = FIND.replace("document", "arguments[1].shadowRoot")
        (panel,) = self.find("vz-projector-inspector-panel")
        field = self.driver.execute_script(within, "input", panel)[0]
        field.clear()
        field.send_keys(text)

    def colour(self, column):
        """Choose what the colours tell."""
        within = FIND.replace("document", "arguments[1].shadowRoot")
        (panel,) = self.find("vz-projector-data-panel")
        (menu,) = self.driver.execute_script(within, "#colorby", panel)
        menu.click()
        self.waits(lambda: [one.click() for one in menu.find_elements(By.TAG_NAME, "paper-item")
                            if one.text.startswith(column)])  # fmt: skip

    def click_a_picture(self):
        """Choose a sample by its picture: one after the other, until one is hit.

        What is seen lags behind what is there on a busy machine, and pictures hide each other.
        """
        tries = itertools.count()

        def hit():
            self._press(next(tries))
            return self._waits(self.driver, lambda _: self.near(), 3)

        self.waits(hit)

    def _press(self, number):
        """Press somewhere within the pictures; a first click beside them stops the turning."""
        (scatter,) = self.find("#scatter")
        ActionChains(self.driver).move_to_element_with_offset(scatter, 0, -200).click().perform()
        picture = self.picture()
        height, width = picture.shape[:2]
        within = np.argwhere(coloured(picture))
        down, right = within[-1 - number * len(within) // 7 % len(within)]
        ActionChains(self.driver).move_to_element_with_offset(
            scatter, int(right - width // 2), int(down - height // 2)
        ).pause(0.5).click().perform()

    def known(self):
        """What is told of the sample that is chosen."""
        keys, values = (self.texts(f".metadata-{part}") for part in ("key", "value"))
        return dict(zip(keys, values, strict=True))

    def near(self):
        """The samples that are listed as most like it, with distances."""
        names = [one.get_attribute("textContent") for one in self.find(".neighbor .label")]
        values = [one.get_attribute("textContent") for one in self.find(".neighbor .value")]
        return list(zip(names, map(float, values), strict=True))


def coloured(picture):
    """Which pixels lie inside of what is neither white, grey nor as thin as an axis."""
    colours = picture.max(axis=2).astype(int) - picture.min(axis=2) > 60
    return cv2.erode(colours.astype(np.uint8), np.ones((7, 7))) > 0
