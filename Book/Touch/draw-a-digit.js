// Draw a digit, and watch the article's CNN read it.
//
// The weights are whole numbers of eight bits, written by `./workbook run optimize-model touch` into
// draw-a-digit.data.js. Three parts follow: the network, what is done to a drawing before, and the figure on the page.
(() => {
  "use strict";
  const name = "draw-a-digit";
  const data = (window.workbookData || {})[name];
  if (!data) return; // the static picture stays

  // MARK: The network

  const f = Math.fround; // to 32 bits, as the engine calculates
  const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const layers = {};
  for (const [key, layer] of Object.entries(data.layers))
    layers[key] = {
      weight: new Int8Array(bytes(layer.weight).buffer), // whole numbers, output by output
      scale: new Float32Array(bytes(layer.scale).buffer), // what a 1 stands for, for each output
      bias: new Float32Array(bytes(layer.bias).buffer),
    };

  /** To the nearest whole number, halves to the even one. */
  function rounded(x) {
    const near = Math.round(x);
    return near - x === 0.5 && near % 2 !== 0 ? near - 1 : near;
  }

  /**
   * Numbers in eight bits: x ≈ scale · q, with q from 0 to 255. What goes into a layer here is ink or comes from a ReLU.
   * It is never negative, so 0 can stand for 0.
   */
  function inEightBits(x) {
    const scale = f(x.reduce((most, v) => Math.max(most, v), 0) / 255) || 1;
    return { scale, q: Uint8Array.from(x, (v) => Math.min(255, rounded(f(v / scale)))) };
  }

  /** A sum of whole numbers becomes a real one: y = sum · scale of the input · scale of the weights + bias. */
  const real = (sum, x, layer, o) => f(f(f(sum) * f(x.scale * layer.scale[o])) + layer.bias[o]);

  /**
   * A convolution with windows of 5×5 and two rows of zeros around the image, then ReLU:
   *
   *     y[o][i][j] = max(0, Σ_c Σ_a Σ_b  w[o][c][a][b] · x[c][i + a − 2][j + b − 2] + bias[o])
   */
  function convolution(input, channels, side, layer) {
    const x = inEightBits(input);
    const wide = side + 4;
    const padded = new Uint8Array(channels * wide * wide);
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < side; i++)
        for (let j = 0; j < side; j++)
          padded[(c * wide + i + 2) * wide + j + 2] = x.q[(c * side + i) * side + j];

    const w = layer.weight, filters = layer.bias.length;
    const y = new Float32Array(filters * side * side);
    for (let o = 0; o < filters; o++)
      for (let i = 0; i < side; i++)
        for (let j = 0; j < side; j++) {
          let sum = 0;
          let k = o * channels * 25; // the weights lie in the order in which they are needed
          for (let c = 0; c < channels; c++)
            for (let a = 0; a < 5; a++, k += 5) {
              const p = (c * wide + i + a) * wide + j;
              // One row of the window, b = 0 … 4: written out, because a loop takes three times as long.
              sum += w[k] * padded[p] + w[k + 1] * padded[p + 1] + w[k + 2] * padded[p + 2]
                + w[k + 3] * padded[p + 3] + w[k + 4] * padded[p + 4];
            }
          y[(o * side + i) * side + j] = Math.max(0, real(sum, x, layer, o));
        }
    return y;
  }

  /** The largest of every 2×2 numbers: maps of half the width and half the height. */
  function maxPool(x, channels, side) {
    const half = side / 2;
    const y = new Float32Array(channels * half * half);
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < half; i++)
        for (let j = 0; j < half; j++) {
          const corner = (c * side + 2 * i) * side + 2 * j;
          y[(c * half + i) * half + j] =
            Math.max(x[corner], x[corner + 1], x[corner + side], x[corner + side + 1]);
        }
    return y;
  }

  /** Every number that goes in has a weight for every number that comes out: y[o] = Σ_d w[o][d] · x[d] + bias[o]. */
  function linear(input, layer) {
    const x = inEightBits(input);
    return Float32Array.from(layer.bias, (_, o) => {
      let sum = 0;
      for (let d = 0; d < input.length; d++) sum += layer.weight[o * input.length + d] * x.q[d];
      return real(sum, x, layer, o);
    });
  }

  /** An image of 28×28 bytes, 0 for paper and 255 for ink, through all four layers. */
  function read(image) {
    const ink = Float32Array.from(image, (byte) => f(byte * f(1 / 255)));
    const first = maxPool(convolution(ink, 1, 28, layers.conv1), 32, 28); // 32 maps of 14×14
    const second = maxPool(convolution(first, 32, 14, layers.conv2), 64, 14); // 64 maps of 7×7
    const hidden = linear(second, layers.fc1).map((v) => Math.max(0, v)); // 128 numbers
    const logits = linear(hidden, layers.fc2); // 10 numbers
    return { first, second, logits, probabilities: softmax(logits) };
  }

  function softmax(logits) {
    const most = Math.max(...logits);
    const powers = Array.from(logits, (z) => Math.exp(z - most));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((e) => e / sum);
  }

  // MARK: From a drawing to 28×28 pixels

  const STROKE = 0.3; // from so much ink on, a pixel belongs to a stroke

  /**
   * What the network learned from fits into 20×20 pixels, with its centre of mass in the middle of 28×28. A drawing is
   * brought into that form: `DigitPicture` of the engine does the same with a picture in a file.
   *
   * @param ink `side`² numbers from 0 to 1.
   * @returns 784 bytes, or null where nothing is drawn.
   */
  function asDigit(ink, side) {
    ink = ink.map((v) => Math.min(1, Math.max(0, (v - 0.15) / 0.75))); // soft edges become a little firmer
    removeSpecks(ink, side);
    let [top, bottom, left, right] = [side, 0, side, 0];
    ink.forEach((v, i) => {
      if (v < STROKE) return;
      const [y, x] = [Math.floor(i / side), i % side];
      [top, bottom, left, right] =
        [Math.min(top, y), Math.max(bottom, y + 1), Math.min(left, x), Math.max(right, x + 1)];
    });
    if (bottom === 0) return null;
    const box = fitted(ink, side, { top, bottom, left, right });

    // Moved by whole pixels, so that the centre of mass comes to the middle.
    let [mass, massX, massY] = [0, 0, 0];
    box.forEach((v, i) => {
      mass += v;
      massX += v * ((i % 20) + 0.5);
      massY += v * (Math.floor(i / 20) + 0.5);
    });
    const start = (centre) => Math.min(8, Math.max(0, Math.round(14 - centre)));
    const [x0, y0] = [start(massX / mass), start(massY / mass)];
    const image = new Uint8Array(28 * 28);
    box.forEach((v, i) => { image[(y0 + Math.floor(i / 20)) * 28 + x0 + (i % 20)] = v; });
    return image;
  }

  /** The box around the strokes, made to fit 20×20, proportions kept: each new pixel is the mean of what it covers. */
  function fitted(ink, side, { top, bottom, left, right }) {
    const scale = 20 / Math.max(bottom - top, right - left);
    const height = Math.max(1, Math.round((bottom - top) * scale));
    const width = Math.max(1, Math.round((right - left) * scale));
    const down = shares(top, bottom, height), across = shares(left, right, width);
    const small = new Float32Array(400);
    const y0 = Math.floor((20 - height) / 2), x0 = Math.floor((20 - width) / 2);
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) {
        let sum = 0;
        for (const [row, a] of down[i])
          for (const [column, b] of across[j]) sum += a * b * ink[row * side + column];
        small[(y0 + i) * 20 + x0 + j] = sum;
      }
    // A thin line becomes pale when it is made small: of the inked pixels, one in five is to be black.
    const dark = small.filter((v) => v > 0.05).sort();
    const strength = 1 / Math.min(1, Math.max(0.02, dark[Math.floor((dark.length * 4) / 5)]));
    return Uint8Array.from(small, (v) => Math.floor(Math.min(1, v * strength) * 255 + 0.5));
  }

  /** For each of `count` equal pieces of the pixels from `low` to `high`: which it covers, and with what share of itself. */
  function shares(low, high, count) {
    const size = (high - low) / count;
    return Array.from({ length: count }, (_, piece) => {
      const [from, to] = [piece * size, (piece + 1) * size];
      const list = [];
      for (let pixel = Math.floor(from); pixel < Math.min(high - low, Math.ceil(to)); pixel++)
        list.push([low + pixel, Math.max(0, Math.min(to, pixel + 1) - Math.max(from, pixel)) / size]);
      return list;
    });
  }

  /** Takes away strokes with less than a thirtieth of the ink of the largest: a finger that touched the paper. */
  function removeSpecks(ink, side) {
    const seen = new Uint8Array(ink.length), strokes = [];
    for (let start = 0; start < ink.length; start++) {
      if (seen[start] || ink[start] < STROKE) continue;
      const members = [start];
      let mass = 0;
      seen[start] = 1;
      for (let next = 0; next < members.length; next++) {
        const y = Math.floor(members[next] / side), x = members[next] % side;
        mass += ink[members[next]];
        for (let r = Math.max(0, y - 1); r <= Math.min(side - 1, y + 1); r++)
          for (let c = Math.max(0, x - 1); c <= Math.min(side - 1, x + 1); c++) {
            const i = r * side + c;
            if (!seen[i] && ink[i] >= STROKE) { seen[i] = 1; members.push(i); }
          }
      }
      strokes.push({ mass, members });
    }
    const most = Math.max(0, ...strokes.map((stroke) => stroke.mass));
    for (const { mass, members } of strokes) if (mass < most / 30) for (const i of members) ink[i] = 0;
  }

  // MARK: The figure

  const PAPER = 280, PEN = 20; // the paper's side and the pen's width, in pixels
  const colors = bytes(data.colors); // the book's colours, from little to much

  /** A new element with attributes and children. */
  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  /** Draws maps side by side on a canvas, a pixel for each number; all of them on one scale of colours from 0 on. */
  function drawMaps(canvas, maps, side, columns) {
    const count = maps.length / (side * side), step = side + 1;
    canvas.width = columns * step - 1;
    canvas.height = Math.ceil(count / columns) * step - 1;
    const picture = new ImageData(canvas.width, canvas.height);
    const most = maps.reduce((a, b) => Math.max(a, b), 0) || 1;
    for (let m = 0; m < count; m++)
      for (let p = 0; p < side * side; p++) {
        const x = (m % columns) * step + (p % side);
        const y = Math.floor(m / columns) * step + Math.floor(p / side);
        const color = 3 * Math.round((maps[m * side * side + p] / most) * 255);
        picture.data.set([colors[color], colors[color + 1], colors[color + 2], 255], 4 * (y * canvas.width + x));
      }
    canvas.getContext("2d").putImageData(picture, 0, 0);
  }

  /** Draws an image of 28×28, white on black. */
  function drawImage(canvas, image) {
    canvas.width = canvas.height = 28;
    const picture = new ImageData(28, 28);
    for (let i = 0; i < 784; i++) picture.data.set([image[i], image[i], image[i], 255], 4 * i);
    canvas.getContext("2d").putImageData(picture, 0, 0);
  }

  function build(figure) {
    const picture = (label, className) => element("canvas", { role: "img", "aria-label": label, class: className });
    const paper = picture("Paper: draw a digit with the mouse or a finger", "touch-paper");
    paper.width = paper.height = PAPER;
    const seen = picture("The digit as the network sees it", "touch-seen");
    const first = picture("32 feature maps of 14×14", "touch-maps");
    const second = picture("64 feature maps of 7×7", "touch-maps");
    const answer = element("output", { class: "touch-answer", "aria-live": "polite" });
    const clear = element("button", { type: "button" }, "Clear");
    const rows = Array.from({ length: 10 }, (_, digit) => {
      const bar = element("span", { class: "touch-bar" });
      const share = element("td"), logit = element("td");
      return { bar, share, logit, row: element("tr", {},
        element("th", { scope: "row" }, `${digit}`), element("td", { class: "touch-bars" }, bar), share, logit) };
    });
    const examples = data.examples.map(({ digit, image }) => {
      const thumbnail = element("canvas");
      drawImage(thumbnail, bytes(image));
      const button = element("button", { type: "button", "aria-label": `Show an example of ${digit}` }, thumbnail);
      button.addEventListener("click", () => { strokes.length = 0; drawPaper(); show(bytes(image)); });
      return button;
    });
    const stage = (title, ...content) => element("div", { class: "touch-stage" }, element("p", {}, title), ...content);
    figure.querySelector("figcaption").before(element("div", { class: "touch-panel" },
      element("div", { class: "touch-row" },
        stage("Draw a digit here", paper, answer, element("div", { class: "touch-buttons" }, clear)),
        stage("What the network sees, 28×28", seen),
        stage("Or take one of these", element("div", { class: "touch-examples" }, ...examples))),
      stage("After the first convolution, ReLU and pooling: 32 maps of 14×14", first),
      stage("After the second: 64 maps of 7×7", second),
      element("table", { class: "touch-table" },
        element("thead", {}, element("tr", {}, ...["digit", "", "probability", "logit"].map((text) =>
          element("th", { scope: "col" }, text)))),
        element("tbody", {}, ...rows.map(({ row }) => row)))));
    figure.classList.add("touch-alive");

    function show(image) {
      drawImage(seen, image || new Uint8Array(784));
      const before = performance.now();
      const { first: maps1, second: maps2, logits, probabilities } = read(image || new Uint8Array(784));
      const milliseconds = performance.now() - before;
      const columns = figure.clientWidth < 500 ? 8 : 16;
      drawMaps(first, maps1, 14, columns);
      drawMaps(second, maps2, 7, columns);
      const best = probabilities.indexOf(Math.max(...probabilities));
      rows.forEach(({ bar, share, logit, row }, digit) => {
        bar.style.width = image ? `${probabilities[digit] * 100}%` : "0";
        share.textContent = image ? `${(probabilities[digit] * 100).toFixed(1)} %` : "";
        logit.textContent = image ? logits[digit].toFixed(2).replace("-", "−") : "";
        row.classList.toggle("touch-best", Boolean(image) && digit === best);
      });
      const share = `${(probabilities[best] * 100).toFixed(1)} %`;
      answer.textContent = image
        ? `Read as ${best === 8 ? "an" : "a"} ${best}, by ${share}, in ${milliseconds.toFixed(0)} ms.`
        : "Nothing is drawn yet.";
    }

    // Drawing. A stroke is a list of points; the paper is drawn anew from all of them.
    const strokes = [];
    let isDrawing = false, isAsked = false;
    const context = paper.getContext("2d", { willReadFrequently: true });
    function drawPaper() {
      context.clearRect(0, 0, PAPER, PAPER);
      context.strokeStyle = getComputedStyle(paper).color;
      [context.lineWidth, context.lineCap, context.lineJoin] = [PEN, "round", "round"];
      for (const points of strokes) {
        context.beginPath();
        points.forEach(([x, y]) => context.lineTo(x, y));
        if (points.length === 1) context.lineTo(points[0][0] + 0.01, points[0][1]); // a dot
        context.stroke();
      }
    }
    function readPaper() {
      isAsked = false;
      const { data: pixels } = context.getImageData(0, 0, PAPER, PAPER);
      show(asDigit(Float32Array.from({ length: PAPER * PAPER }, (_, i) => pixels[4 * i + 3] / 255), PAPER));
    }
    function addPoint(event) {
      const box = paper.getBoundingClientRect();
      const scale = PAPER / box.width;
      strokes.at(-1).push([(event.clientX - box.left) * scale, (event.clientY - box.top) * scale]);
      drawPaper();
      if (!isAsked) requestAnimationFrame(readPaper); // once a frame is enough
      isAsked = true;
    }
    paper.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      if (event.isTrusted) paper.setPointerCapture(event.pointerId);
      isDrawing = true;
      strokes.push([]);
      addPoint(event);
    });
    paper.addEventListener("pointermove", (event) => { if (isDrawing) addPoint(event); });
    for (const end of ["pointerup", "pointercancel"]) paper.addEventListener(end, () => { isDrawing = false; });
    clear.addEventListener("click", () => { strokes.length = 0; drawPaper(); show(null); });
    new MutationObserver(drawPaper).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawPaper);
    show(bytes(data.examples[3].image));
  }

  window.workbookTouch = { ...window.workbookTouch, [name]: { read, asDigit } };
  for (const figure of document.querySelectorAll(`figure[data-touch="${name}"]`)) build(figure);
})();
