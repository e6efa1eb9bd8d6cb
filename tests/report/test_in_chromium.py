"""The page in a real browser: what it shows, what it says, and that it asks nobody."""

import json

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

DRAWN = "return document.documentElement.dataset.finished"
MAP = "document.getElementById('plot-map')"
POINTS = f"{MAP}.querySelectorAll('.scatterlayer .trace .points path')"


def set_width(driver, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def opened(driver, page, width=1280):
    for kind in ("browser", "performance"):
        driver.get_log(kind)
    set_width(driver, width)
    driver.get(page.as_uri())
    waits(driver, lambda driver: driver.execute_script(DRAWN))
    return driver


def waits(driver, condition):
    return WebDriverWait(driver, 60).until(condition)


@pytest.fixture(scope="module")
def open_page(chromium, page):
    """The page, opened once: the tests follow each other on it."""
    return opened(chromium, page)


def requested(driver):
    """Every address the page has asked for."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    return {one["params"]["request"]["url"] for one in messages
            if one["method"] == "Network.requestWillBeSent"}  # fmt: skip


def samples(driver):
    return json.loads(driver.find_element(By.ID, "samples").get_attribute("textContent"))


def rows(driver):
    return driver.find_elements(By.CSS_SELECTOR, "#rows > li")


def test_the_page_asks_nobody_and_complains_of_nothing(open_page, page):
    assert {url for url in requested(open_page) if not url.startswith("data:")} == {page.as_uri()}
    assert open_page.get_log("browser") == []


def test_every_picture_appears_and_says_what_it_shows(open_page):
    pictures = open_page.execute_script(
        "return [...document.querySelectorAll('img:not(.sheet)')].map("
        "one => [one.naturalWidth, one.complete, one.alt])"
    )
    assert len(pictures) == 4 * 4  # examples and features
    assert all(width == 32 and complete and alt for width, complete, alt in pictures)
    plots = open_page.find_elements(By.CSS_SELECTOR, ".plot")
    assert len(plots) >= 10
    assert all(one.get_attribute("aria-label") for one in plots)
    assert all(one.find_elements(By.CSS_SELECTOR, "svg.main-svg") for one in plots)


def test_the_sheet_shows_each_sample_at_its_place(open_page):
    """The pictures get brighter row by row, and so must the canvases of the first neighbours."""
    waits(open_page, lambda driver: all(
        one.get_attribute("data-drawn") for one in
        driver.find_elements(By.CSS_SELECTOR, "#rows canvas")))  # fmt: skip
    read = open_page.execute_script(
        "return [...document.querySelectorAll('#rows button')].map(one => [+one.dataset.sample,"
        "one.querySelector('canvas').getContext('2d').getImageData(20, 20, 1, 1).data[0]])"
    )
    # VV is -20 + row, black at -20 and white at -4
    assert dict(read) == pytest.approx(
        {place: min(255 * (place % 12) / 16, 255) for place, _ in read}, abs=12
    )


def point_of(driver, number):
    """One of the points of the first colour, in the middle of the screen, and its sample."""
    driver.execute_script(f"{MAP}.scrollIntoView({{block: 'center'}})")
    groups = samples(driver)["groups"]
    own = [place for place, group in enumerate(groups) if group == min(groups)]
    return driver.execute_script(f"return {POINTS}[{number}]"), own[number]


def test_a_click_on_a_point_shows_its_neighbours(open_page):
    known = samples(open_page)
    before = [row.get_attribute("data-sample") for row in rows(open_page)]
    assert len(before) == 2  # one example a class
    point, place = point_of(open_page, 5)
    ActionChains(open_page).move_to_element(point).pause(0.3).click().perform()
    waits(open_page, lambda driver: len(rows(driver)) == 3)
    first = rows(open_page)[0]
    shown = [int(one.get_attribute("data-sample"))
             for one in first.find_elements(By.TAG_NAME, "button")]  # fmt: skip
    assert shown == [place, *((place + step) % 24 for step in (2, 4, 1))]
    assert "cosine 0.900" in first.text
    assert known["ids"][place] in first.text
    first.find_elements(By.TAG_NAME, "button")[1].click()
    waits(open_page, lambda driver: rows(driver)[0].get_attribute("data-sample") == str(shown[1]))


def test_the_sample_under_the_pointer_is_shown(open_page):
    point, place = point_of(open_page, 3)
    ActionChains(open_page).move_to_element(point).perform()
    card = open_page.find_element(By.ID, "card")
    waits(open_page, lambda _: card.is_displayed())
    assert samples(open_page)["ids"][place] in card.text
    assert "2020-01-03 to 2020-10-03" in card.text
    assert "° N" in card.text
    assert card.find_elements(By.TAG_NAME, "canvas")
    ActionChains(open_page).move_to_element(open_page.find_element(By.ID, "wanted")).perform()
    waits(open_page, lambda _: not card.is_displayed())


def test_a_sample_is_found_by_its_id(open_page):
    field = open_page.find_element(By.ID, "wanted")
    field.send_keys("b7\n")
    waits(open_page, lambda driver: rows(driver)[0].get_attribute("data-sample") == "19")
    field.clear()
    field.send_keys("nowhere\n")
    missed = open_page.find_element(By.ID, "missed")
    waits(open_page, lambda _: missed.text == "There is no sample nowhere.")


def test_the_page_prints_with_all_plots_on_the_paper(open_page):
    pdf = open_page.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})
    assert len(pdf["data"]) > 50_000
    waits(open_page, lambda driver: driver.execute_script(
        "return [...document.querySelectorAll('.plot')].every("
        "box => Math.abs(box._fullLayout.width - box.clientWidth) < 1)"))  # fmt: skip


def test_an_evil_name_stays_text(open_page):
    driver = open_page
    driver.find_element(By.ID, "wanted").clear()
    assert driver.find_elements(By.CSS_SELECTOR, "img[src='x'], main b, main i") == []
    assert "has <i>no</i> finite pixel" in driver.find_element(By.ID, "data").text
    driver.find_element(By.ID, "wanted").send_keys("</script>\n")
    waits(driver, lambda driver: "onerror=alert(1)" in rows(driver)[0].text)
    assert driver.find_elements(By.CSS_SELECTOR, "img[src='x']") == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(chromium, page, width):
    driver = opened(chromium, page, width)
    inner, whole = driver.execute_script(
        "return [innerWidth, document.documentElement.scrollWidth]"
    )
    assert inner == width
    assert whole <= width
    beyond = driver.execute_script(
        "return [...document.querySelectorAll('main *')].filter(one => !one.closest('.scroll, svg')"
        f" && one.getBoundingClientRect().right > {width} + 1).map(one => one.outerHTML)"
    )
    assert beyond == []


def test_many_points_are_drawn_by_the_graphics_card(chromium, small_run, monkeypatch):
    monkeypatch.setattr("speckle2vec.report.figures.MANY_POINTS", 5)
    driver = opened(chromium, small_run.make("many.html", sections=["data", "map"]))
    assert driver.find_elements(By.CSS_SELECTOR, "#plot-map canvas")
    assert "WebGL is not supported" not in driver.find_element(By.TAG_NAME, "body").text
    said = driver.get_log("browser")  # here the processor does what the graphics card would
    assert [one for one in said if one["source"] != "rendering"] == []
