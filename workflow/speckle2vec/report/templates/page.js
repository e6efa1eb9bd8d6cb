"use strict";
(() => {
  const MOST_ROWS = 4, PRINTED = 680, HALF = 320; // pixels that fit on paper
  const finger = matchMedia("(pointer: coarse)").matches;
  const boxes = [...document.querySelectorAll(".plot")];
  const graphics = () => Boolean(document.createElement("canvas").getContext("webgl"));
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const pause = () => new Promise((next) => setTimeout(next, 10));

  const draw = (box) => {
    const figure = read("figure-" + box.id);
    if (finger) figure.layout.dragmode = false; // a finger scrolls the page
    const many = figure.data.filter((trace) => trace.type === "scattergl");
    if (many.length && !graphics()) many.forEach((trace) => { trace.type = "scatter"; });
    return Plotly.newPlot(box, figure.data, figure.layout,
      { responsive: true, displaylogo: false, displayModeBar: "zoomed" in box.dataset,
        modeBarButtons: [["zoomIn2d", "zoomOut2d", "resetScale2d"]] });
  };

  const whole = async (box) => {
    await draw(box);
    if (box.id === "plot-map") await explore(box);
  };

  const explore = (box) => {
    const samples = read("samples"), each = samples.across ** 2;
    const sheets = [...document.querySelectorAll("img.sheet")];
    const rows = document.getElementById("rows"), card = document.getElementById("card");

    const text = (tag, words) => {
      const element = document.createElement(tag);
      element.textContent = words;
      return element;
    };

    const picture = (place) => {
      const canvas = document.createElement("canvas"), side = samples.side;
      canvas.className = "picture";
      canvas.width = canvas.height = 2 * side;
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `Sample ${samples.ids[place]}, ${samples.names[samples.groups[place]]}`);
      const within = place % each, sheet = sheets[Math.floor(place / each)];
      const x = side * (within % samples.across), y = side * Math.floor(within / samples.across);
      sheet.decode().then(() => {
        canvas.getContext("2d").drawImage(sheet, x, y, side, side, 0, 0, 2 * side, 2 * side);
        canvas.dataset.drawn = "yes";
      });
      return canvas;
    };

    const group = (place) => {
      const line = document.createElement("div"), mark = document.createElement("span");
      mark.className = "mark";
      mark.style.background = samples.colours[samples.groups[place]];
      line.append(mark, samples.names[samples.groups[place]]);
      return line;
    };

    const where = (place) => {
      const [x, y] = [samples.longitude[place], samples.latitude[place]];
      if (x === null || y === null) return "";
      return `${Math.abs(y).toFixed(2)}° ${y < 0 ? "S" : "N"}, ${Math.abs(x).toFixed(2)}° ${x < 0 ? "W" : "E"}`;
    };

    const button = (place, words) => {
      const element = document.createElement("button");
      element.type = "button";
      element.dataset.sample = place;
      element.append(picture(place), text("strong", words), text("div", samples.ids[place]), group(place));
      element.addEventListener("click", () => ask(place));
      return element;
    };

    const ring = (places) => Plotly.restyle(box,
      { x: [places.map((one) => samples.x[one])], y: [places.map((one) => samples.y[one])] },
      [box.data.length - 1]);

    const row = (place) => {
      const line = document.createElement("li");
      line.dataset.sample = place;
      line.append(button(place, "this sample"));
      samples.near[place].forEach((other, rank) => {
        line.append(button(other, "cosine " + samples.cosines[place][rank].toFixed(3)));
      });
      return line;
    };

    const ask = (place) => {
      card.hidden = true;
      rows.prepend(row(place));
      while (rows.children.length > MOST_ROWS) rows.lastChild.remove();
      return ring([place, ...samples.near[place]]);
    };

    const show = (place, pointer) => {
      card.replaceChildren(picture(place), text("strong", samples.ids[place]), group(place),
        text("div", samples.dates[place]), text("div", where(place)));
      card.hidden = false;
      const [x, y] = [pointer.clientX ?? 0, pointer.clientY ?? 0];
      const left = x + 20 + card.offsetWidth > innerWidth ? x - 20 - card.offsetWidth : x + 20;
      const top = Math.min(y + 20, innerHeight - card.offsetHeight - 8);
      card.style.left = Math.max(left, 4) + "px";
      card.style.top = Math.max(top, 4) + "px";
    };

    const find = (wanted) => {
      const exact = samples.ids.indexOf(wanted);
      return exact >= 0 ? exact : samples.ids.findIndex((name) => name.includes(wanted));
    };

    samples.examples.slice().reverse().forEach((place) => rows.prepend(row(place)));
    box.on("plotly_hover", (event) => show(event.points[0].customdata, event.event));
    box.on("plotly_unhover", () => { card.hidden = true; });
    box.on("plotly_click", (event) => ask(event.points[0].customdata));
    document.getElementById("another").addEventListener("click",
      () => ask(Math.floor(Math.random() * samples.ids.length)));
    document.getElementById("find").addEventListener("submit", (event) => {
      event.preventDefault();
      const wanted = document.getElementById("wanted").value.trim(), place = find(wanted);
      document.getElementById("missed").textContent = place < 0 ? `There is no sample ${wanted}.` : "";
      if (place >= 0) ask(place);
    });
    return Plotly.addTraces(box, {
      x: [], y: [], mode: "markers", hoverinfo: "skip", showlegend: false,
      marker: { symbol: "circle-open", size: 15, color: "#000000", line: { width: 2 } },
    });
  };

  const drawn = () => boxes.filter((box) => box.data);
  addEventListener("beforeprint", () => drawn().forEach((box) => {
    Plotly.relayout(box, { width: box.closest(".wide") ? PRINTED : HALF });
  }));
  addEventListener("afterprint", () => drawn().forEach(
    (box) => Plotly.relayout(box, { width: null, autosize: true })));

  const tell = (state) => { document.documentElement.dataset[state] = Math.round(performance.now()); };

  const start = async () => { // text and pictures are there before the large library is read
    const library = document.createElement("script");
    library.textContent = document.getElementById("library").textContent;
    document.head.append(library);
    const seen = boxes.filter((box) => box.getBoundingClientRect().top < innerHeight);
    for (const box of seen) await whole(box);
    tell("ready");
    for (const box of boxes.filter((one) => !seen.includes(one))) {
      await pause(); // the page stays alive meanwhile
      await whole(box);
    }
    tell("finished");
  };
  addEventListener("load", () => setTimeout(start));
})();
