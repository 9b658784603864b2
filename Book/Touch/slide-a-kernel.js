// Slide a kernel over a picture, and see every sum.
//
// The picture and the kernels are those of chapter 2, written by `./workbook run convolution touch` into
// slide-a-kernel.data.js. Two parts follow: the convolution, and the figure on the page.
(() => {
  "use strict";
  const name = "slide-a-kernel";
  const data = (window.workbookData || {})[name];
  if (!data) return; // the static picture stays

  // MARK: The convolution

  /** A window of 3×3: how far it moves at a time, and how many rows of zeros lie around the picture. */
  const settings = { stride: 1, padding: 0 };

  /** In how many places the window fits on so many pixels. */
  const places = (pixels, { stride, padding }) => Math.floor((pixels + 2 * padding - 3) / stride) + 1;

  /** The pixel in a row and a column; outside the picture there are zeros. */
  const pixel = (x, row, column) => (x[row] && x[row][column]) || 0;

  /** The nine products whose sum is y[i][j], row by row: weights w[a][b] times the pixels beneath. */
  function terms(x, w, i, j, { stride, padding }) {
    const list = [];
    for (let a = 0; a < 3; a++)
      for (let b = 0; b < 3; b++) {
        const value = pixel(x, i * stride + a - padding, j * stride + b - padding);
        list.push({ value, weight: w[a][b], product: w[a][b] * value });
      }
    return list;
  }

  /** y[i][j] = Σ_a Σ_b  w[a][b] · x[i·stride + a − padding][j·stride + b − padding] */
  function convolve(x, w, settings) {
    const height = places(x.length, settings), width = places(x[0].length, settings);
    return Array.from({ length: height }, (_, i) =>
      Array.from({ length: width }, (_, j) =>
        terms(x, w, i, j, settings).reduce((sum, { product }) => sum + product, 0)));
  }

  const inRows = (numbers, width) =>
    Array.from({ length: numbers.length / width }, (_, i) => numbers.slice(i * width, (i + 1) * width));
  const picture = inRows(data.hundredths.map((n) => n / 100), data.width); // brightness from 0 to 1

  window.workbookTouch = { ...window.workbookTouch, [name]: { convolve, picture } };

  // MARK: The figure

  const CELL = 14; // the side of a pixel as it is drawn
  const blueWhiteRed = Uint8Array.from(atob(data.colors), (c) => c.charCodeAt(0));

  /** A number for people: no more digits than are needed, and a true minus sign. */
  const text = (x, digits = 3) => `${Number(x.toFixed(digits))}`.replace("-", "−");

  /** A new element with attributes and children. */
  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  const grey = (x) => { const byte = Math.round(Math.min(1, Math.max(0, x)) * 255); return `rgb(${byte} ${byte} ${byte})`; };
  function signed(x, most) {
    const k = 3 * Math.round((Math.min(1, Math.max(-1, x / most)) + 1) * 127.5);
    return `rgb(${blueWhiteRed[k]} ${blueWhiteRed[k + 1]} ${blueWhiteRed[k + 2]})`;
  }

  function build(figure) {
    const kernel = [[0, 0, 0], [0, 0, 0], [0, 0, 0]];
    let place = { i: data.row, j: data.column };
    let visited = new Set(); // places where the window has been: `i·width + j` of the map
    let map, timer;

    const input = element("canvas", { tabindex: "0", role: "application", class: "touch-map",
      "aria-label": "The picture. Arrow keys move the window, the space bar starts and stops it." });
    const output = element("canvas", { role: "img", class: "touch-map", "aria-label": "The feature map" });
    const says = element("output", { class: "touch-answer", "aria-live": "polite" });
    const addition = element("p"), size = element("p", { class: "touch-note" });
    const legend = element("p", { class: "touch-note" });
    const cells = inRows(Array.from({ length: 9 }, (_, k) => {
      const weight = element("input", { type: "number", step: "0.1", inputmode: "decimal",
        "aria-label": `Weight in row ${Math.floor(k / 3) + 1}, column ${(k % 3) + 1}` });
      weight.addEventListener("input", () => {
        kernel[Math.floor(k / 3)][k % 3] = Number.isFinite(weight.valueAsNumber) ? weight.valueAsNumber : 0;
        choose(null);
        compute();
      });
      return { value: element("span"), weight, product: element("span") };
    }), 3);
    const table = element("table", { class: "touch-kernel" }, element("tbody", {}, ...cells.map((row) =>
      element("tr", {}, ...row.map(({ value, weight, product }) => element("td", {}, value, " × ", weight, product))))));
    const button = (label, action) => {
      const node = element("button", { type: "button" }, label);
      node.addEventListener("click", action);
      return node;
    };
    const presets = data.kernels.map(({ name, purpose, weights }) => {
      const preset = button(name, () => {
        inRows(weights, 3).forEach((row, a) => row.forEach((weight, b) => {
          kernel[a][b] = weight;
          cells[a][b].weight.value = Number(weight.toFixed(4));
        }));
        choose(preset);
        compute();
      });
      preset.title = purpose;
      return preset;
    });
    const choose = (preset) => presets.forEach((node) => node.setAttribute("aria-pressed", node === preset));
    const choice = (label, key, values) => {
      const select = element("select", {}, ...values.map((value) => element("option", {}, `${value}`)));
      select.addEventListener("change", () => {
        settings[key] = Number(select.value);
        [place, visited] = [{ i: 0, j: 0 }, new Set()];
        compute();
      });
      return element("label", {}, `${label} `, select);
    };
    const slide = button("Slide", () => (timer ? stop() : start()));
    const fill = button("Fill the map", () => { stop(); visited = new Set(map.flat().keys()); draw(); });
    const empty = button("Empty it", () => { stop(); visited = new Set(); move(0, 0); });
    const stage = (title, ...content) => element("div", { class: "touch-stage" }, element("p", {}, title), ...content);
    figure.querySelector("figcaption").before(element("div", { class: "touch-panel" },
      element("div", { class: "touch-buttons", role: "group", "aria-label": "Kernels" }, ...presets),
      element("div", { class: "touch-buttons" },
        choice("Stride", "stride", [1, 2, 3]), choice("Padding", "padding", [0, 1, 2]), slide, fill, empty),
      element("div", { class: "touch-row" },
        stage("The picture: move the window", input), stage("The feature map", output)),
      element("div", { class: "touch-row" },
        stage("Pixel × weight = product", table), stage("Their sum", addition, says, legend, size))));
    figure.classList.add("touch-alive");

    /** The whole map, after the kernel or the settings have changed; it is shown where the window has been. */
    function compute() {
      map = convolve(picture, kernel, settings);
      const { stride, padding } = settings;
      size.textContent = `${map.length}×${map[0].length} numbers: `
        + `⌊(${picture.length} + 2·${padding} − 3) / ${stride}⌋ + 1 = ${map.length} rows, `
        + `⌊(${data.width} + 2·${padding} − 3) / ${stride}⌋ + 1 = ${map[0].length} columns.`;
      move(place.i, place.j);
    }

    function move(i, j) {
      place = {
        i: Math.min(map.length - 1, Math.max(0, i)),
        j: Math.min(map[0].length - 1, Math.max(0, j)),
      };
      visited.add(place.i * map[0].length + place.j);
      draw();
    }

    function draw() {
      const { stride, padding } = settings;
      const height = picture.length + 2 * padding, width = data.width + 2 * padding;
      let paint = canvas(input, height, width, (row, column) => {
        const inside = picture[row - padding] && picture[row - padding][column - padding] !== undefined;
        return inside ? grey(picture[row - padding][column - padding]) : null;
      });
      frame(paint, place.i * stride, place.j * stride, 3);
      const numbers = map.flat(), [low, high] = [Math.min(...numbers), Math.max(...numbers)];
      const most = Math.max(-low, high), isSigned = low < -1e-9;
      paint = canvas(output, map.length, map[0].length, (i, j) =>
        !visited.has(i * map[0].length + j) ? null
          : isSigned ? signed(map[i][j], most) : grey(map[i][j] / Math.max(1, high)));
      frame(paint, place.i, place.j, 1);
      legend.textContent = isSigned
        ? `Blue: down to ${text(-most, 2)}; white: 0; red: up to ${text(most, 2)}.`
        : `Black: 0; white: ${text(Math.max(1, high), 2)}.`;
      const products = terms(picture, kernel, place.i, place.j, settings);
      products.forEach(({ value, product }, k) => {
        const cell = cells[Math.floor(k / 3)][k % 3];
        cell.value.textContent = text(value);
        cell.product.textContent = `= ${text(product)}`;
      });
      addition.textContent = products.map(({ product }) => (product < 0 ? `(${text(product)})` : text(product))).join(" + ");
      says.textContent = `Row ${place.i + 1}, column ${place.j + 1} of the map: the sum is ${text(map[place.i][place.j])}.`;
    }

    /** Cells of a canvas, each with its colour; null for those that are only a frame. */
    function canvas(node, height, width, color) {
      const ratio = window.devicePixelRatio || 1;
      [node.width, node.height] = [width * CELL * ratio, height * CELL * ratio];
      node.style.width = `${width * CELL}px`;
      node.style.aspectRatio = `${width} / ${height}`;
      const paint = node.getContext("2d");
      paint.scale(ratio, ratio);
      paint.strokeStyle = getComputedStyle(node).borderColor;
      for (let i = 0; i < height; i++)
        for (let j = 0; j < width; j++) {
          paint.fillStyle = color(i, j);
          if (color(i, j)) paint.fillRect(j * CELL, i * CELL, CELL, CELL);
          else paint.strokeRect(j * CELL + 0.5, i * CELL + 0.5, CELL - 1, CELL - 1);
        }
      return paint;
    }

    /** A frame that is seen on any colour: dark within light. */
    function frame(paint, row, column, cells) {
      for (const [color, width] of [["#fff", 5], ["#d55e00", 3]]) {
        [paint.strokeStyle, paint.lineWidth] = [color, width];
        paint.strokeRect(column * CELL, row * CELL, cells * CELL, cells * CELL);
      }
    }

    // Moving: by mouse or finger the window's middle follows, by keys it goes from place to place.
    const toPlace = (event, node, columns) => {
      const box = node.getBoundingClientRect(), cell = box.width / columns;
      return [Math.floor((event.clientY - box.top) / cell), Math.floor((event.clientX - box.left) / cell)];
    };
    for (const kind of ["pointerdown", "pointermove"]) {
      input.addEventListener(kind, (event) => {
        stop();
        const [row, column] = toPlace(event, input, data.width + 2 * settings.padding);
        move(Math.round((row - 1) / settings.stride), Math.round((column - 1) / settings.stride));
      });
      output.addEventListener(kind, (event) => { stop(); move(...toPlace(event, output, map[0].length)); });
    }
    input.addEventListener("keydown", (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!step && event.key !== " ") return;
      event.preventDefault(); // neither scroll
      event.stopPropagation(); // nor turn the page
      if (step) { stop(); move(place.i + step[0], place.j + step[1]); } else slide.click();
    });

    // Sliding by itself, row by row, as the loops do.
    function start() {
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return fill.click();
      slide.textContent = "Stop";
      says.setAttribute("aria-live", "off"); // nobody can listen that fast
      timer = setInterval(() => {
        const next = (place.i * map[0].length + place.j + 1) % (map.length * map[0].length);
        move(Math.floor(next / map[0].length), next % map[0].length);
        if (next === map.length * map[0].length - 1) stop();
      }, 30);
    }
    function stop() {
      clearInterval(timer);
      timer = undefined;
      slide.textContent = "Slide";
      says.setAttribute("aria-live", "polite");
    }

    new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    presets[data.first].click();
    fill.click();
  }

  for (const figure of document.querySelectorAll(`figure[data-touch="${name}"]`)) build(figure);
})();
