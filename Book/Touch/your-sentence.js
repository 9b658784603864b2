// A small GPT reads a sentence of yours: where its heads look, and what it thinks comes next.
//
// The weights are written by `./workbook run choose-model touch` into your-sentence.data.js: matrices as whole numbers of
// eight bits with a scale for each row, all else as floats. Two parts follow: the network, and the figure on the page.
(() => {
  "use strict";
  const name = "your-sentence";
  const data = (window.workbookData || {})[name];
  if (!data) return; // the static picture stays

  // MARK: The network

  const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const floats = (base64) => new Float32Array(bytes(base64).buffer);

  /** A matrix as a list of rows. A row's whole numbers times its scale are its weights. */
  function rows({ shape: [height, width], weight, scale, floats: plain }) {
    const numbers = plain ? floats(plain) : new Int8Array(bytes(weight).buffer);
    const scales = scale && floats(scale);
    return Array.from({ length: height }, (_, i) =>
      Float64Array.from(numbers.subarray(i * width, (i + 1) * width), (q) => (scales ? q * scales[i] : q)));
  }

  const weights = {};
  for (const [key, tensor] of Object.entries(data.tensors))
    weights[key] = tensor.shape.length === 2 ? rows(tensor) : floats(tensor.floats);
  const { width, heads, blocks, context } = data;
  const headWidth = width / heads;

  /** y = W x */
  function linear(W, x) {
    const y = new Float64Array(W.length);
    for (let o = 0; o < W.length; o++) y[o] = dot(W[o], x);
    return y;
  }

  function dot(a, b) {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  }

  const add = (a, b) => a.map((v, i) => v + b[i]);

  /** Brings a vector to mean 0 and variance 1, then scales it: (x − μ) / √(σ² + ε) · g */
  function layerNorm(x, g) {
    const mean = x.reduce((a, b) => a + b) / x.length;
    const variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length;
    return x.map((v, i) => ((v - mean) / Math.sqrt(variance + 1e-5)) * g[i]);
  }

  function softmax(scores) {
    const most = Math.max(...scores);
    const powers = Array.from(scores, (z) => Math.exp(z - most));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((e) => e / sum);
  }

  /** x · Φ(x), the share of a normal distribution below x; the error function as in Abramowitz and Stegun, 7.1.26. */
  function gelu(x) {
    const z = Math.abs(x) / Math.SQRT2, t = 1 / (1 + 0.3275911 * z);
    const polynomial = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
    const erf = Math.sign(x) * (1 - polynomial * Math.exp(-z * z));
    return 0.5 * x * (1 + erf);
  }

  /**
   * One head over a text: the vector of each place asks (q), and those up to it answer by their keys (k) and values (v).
   *
   *     weights[t] = softmax over s ≤ t of  q[t] · k[s] / √d,    output[t] = Σ_s weights[t][s] · v[s]
   */
  function attend(q, k, v) {
    const look = q.map((query, t) =>
      softmax(k.slice(0, t + 1).map((key) => dot(query, key) / Math.sqrt(headWidth))));
    const output = look.map((row) => v[0].map((_, i) => row.reduce((sum, share, s) => sum + share * v[s][i], 0)));
    return { look, output };
  }

  /**
   * The text's numbers through all blocks.
   *
   * @returns `maps[block][head][t][s]`, how much place t looks at place s, and `logits[t]`, a score for each character
   *   that may come after place t.
   */
  function read(ids) {
    const maps = [];
    let x = ids.map((id, t) => add(weights["tokens.weight"][id], weights["positions.weight"][t]));
    for (let b = 0; b < blocks; b++) {
      const w = (key) => weights[`blocks.${b}.${key}`];
      // Queries, keys and values of all heads lie side by side.
      const all = x.map((v) => linear(w("self_attn.in_proj_weight"), layerNorm(v, w("norm1.weight"))));
      const part = (kind, head) => all.map((v) =>
        v.subarray(kind * width + head * headWidth, kind * width + (head + 1) * headWidth));
      const results = Array.from({ length: heads }, (_, h) => attend(part(0, h), part(1, h), part(2, h)));
      maps.push(results.map(({ look }) => look));
      const mixed = ids.map((_, t) => Float64Array.from(results.flatMap(({ output }) => [...output[t]])));
      x = x.map((v, t) => add(v, linear(w("self_attn.out_proj.weight"), mixed[t])));
      x = x.map((v) => {
        const inner = linear(w("linear1.weight"), layerNorm(v, w("norm2.weight"))).map(gelu);
        return add(v, linear(w("linear2.weight"), inner));
      });
    }
    const logits = x.map((v) => linear(weights["tokens.weight"], layerNorm(v, weights["norm.weight"])));
    return { maps, logits };
  }

  // Characters are numbered from 1; number 0 is any other.
  const characters = ["\uFFFD", ...data.characters];
  const numbers = new Map(characters.map((character, id) => [character, id]));
  const encode = (text) => [...text].map((character) => numbers.get(character) || 0);

  window.workbookTouch = { ...window.workbookTouch, [name]: { encode, read } };

  // MARK: The figure

  const colors = bytes(data.colors); // the book's colours, from 0 to 1
  const color = (x) => { const k = 3 * Math.round(x * 255); return `rgb(${colors[k]} ${colors[k + 1]} ${colors[k + 2]})`; };
  const shown = (character) => ({ " ": "␣", "\n": "↵", "\uFFFD": "?" })[character] || character;
  const spoken = (character) => ({ " ": "space", "\n": "new line", "\uFFFD": "unknown" })[character] || character;
  const percent = (x) => `${(x * 100).toFixed(1)} %`;

  /** A new element with attributes and children. */
  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  /** The places of a row with the largest shares, the largest first. */
  const largest = (row, count) =>
    [...row.keys()].sort((a, b) => row[b] - row[a]).slice(0, count);

  function build(figure) {
    let text, ids, result, block = data.block, head = data.head, place = 0;
    const field = element("input", { type: "text", maxlength: context, spellcheck: "false", autocomplete: "off" });
    const table = element("canvas", { tabindex: "0", role: "application", class: "touch-map touch-attention",
      "aria-label": "The table of weights. Arrow keys up and down choose the character that looks." });
    const looks = element("output", { class: "touch-answer", "aria-live": "polite" });
    const title = element("p");
    const nextTitle = element("p");
    const next = element("div", { class: "touch-next" });
    const thumbnails = Array.from({ length: blocks }, (_, b) => Array.from({ length: heads }, (_, h) => {
      const map = element("canvas");
      const button = element("button", { type: "button", "aria-label": `Block ${b + 1}, head ${h + 1}` }, map);
      button.addEventListener("click", () => { [block, head] = [b, h]; draw(); });
      return { button, map };
    }));
    const examples = data.sentences.map((sentence) => {
      const button = element("button", { type: "button" }, sentence);
      button.addEventListener("click", () => type(sentence));
      return button;
    });
    const stage = (title, ...content) => element("div", { class: "touch-stage" }, title, ...content);
    figure.querySelector("figcaption").before(element("div", { class: "touch-panel" },
      element("label", { class: "touch-field" }, `The beginning of a sentence, up to ${context} characters`, field),
      element("div", { class: "touch-buttons" }, ...examples),
      element("div", { class: "touch-row" },
        stage(title, table, looks),
        element("div", { class: "touch-stage" },
          element("p", {}, `All ${blocks * heads} heads: choose one`),
          element("div", { class: "touch-heads" }, ...thumbnails.map((row, b) =>
            element("div", { role: "group", "aria-label": `Block ${b + 1}` },
              element("span", {}, `block ${b + 1}`), ...row.map(({ button }) => button)))),
          nextTitle, next))));
    figure.classList.add("touch-alive");

    /** Reads a text, and looks from its last character. */
    function type(sentence) {
      text = [...sentence].slice(0, context);
      if (field.value !== text.join("")) field.value = text.join("");
      ids = encode(text.join(""));
      result = ids.length ? read(ids) : null;
      place = ids.length - 1;
      draw();
    }

    /** One head's weights: a row for each character that looks, a column for each that it looks at. */
    function drawMap(canvas, map, cell, margin) {
      const ratio = window.devicePixelRatio || 1, side = margin + map.length * cell;
      canvas.width = canvas.height = side * ratio;
      canvas.style.width = `${side}px`;
      const paint = canvas.getContext("2d");
      paint.scale(ratio, ratio);
      map.forEach((row, t) => row.forEach((share, s) => {
        paint.fillStyle = color(share);
        paint.fillRect(margin + s * cell, margin + t * cell, cell + 0.5, cell + 0.5);
      }));
      return paint;
    }

    function draw() {
      looks.textContent = nextTitle.textContent = "";
      next.replaceChildren();
      title.textContent = `Block ${block + 1}, head ${head + 1}: each row is a character, and shows where it looks`;
      for (const canvas of [table, ...thumbnails.flat().map(({ map }) => map)]) canvas.width = canvas.height = 1;
      if (!result) { looks.textContent = "Type a few words."; return; }

      thumbnails.forEach((row, b) => row.forEach(({ button, map }, h) => {
        button.setAttribute("aria-pressed", b === block && h === head);
        drawMap(map, result.maps[b][h], 44 / ids.length, 0);
      }));
      const map = result.maps[block][head];
      const cell = Math.max(6, Math.min(18, Math.floor(430 / ids.length))), margin = 18;
      const paint = drawMap(table, map, cell, margin);
      const style = getComputedStyle(table);
      [paint.fillStyle, paint.textAlign, paint.textBaseline] = [style.color, "center", "middle"];
      paint.font = `${Math.min(13, cell + 2)}px ${style.fontFamily}`;
      text.forEach((character, t) => {
        paint.fillText(shown(character), margin / 2, margin + (t + 0.5) * cell);
        paint.fillText(shown(character), margin + (t + 0.5) * cell, margin / 2);
      });
      [paint.strokeStyle, paint.lineWidth] = ["#d55e00", 2];
      paint.strokeRect(margin - 1, margin + place * cell - 1, (place + 1) * cell + 2, cell + 2);

      const row = map[place];
      looks.textContent = `Character ${place + 1}, “${spoken(text[place])}”, looks at `
        + largest(row, 3).map((s) => `“${spoken(text[s])}” (${s + 1}) with ${percent(row[s])}`).join(", ") + ".";
      const beginning = text.slice(0, place + 1).join("");
      const chances = softmax(result.logits[place]);
      nextTitle.textContent = `What may come after “${beginning.slice(-16)}”: choose one to write it`;
      next.replaceChildren(...largest(chances, 8).map((id) => {
        const bar = element("span", { class: "touch-bar" });
        bar.style.width = `${chances[id] * 100}%`;
        const label = `${spoken(characters[id])}, ${percent(chances[id])}`;
        const button = element("button", { type: "button", "aria-label": label },
          element("span", { class: "touch-letter" }, shown(characters[id])),
          element("span", { class: "touch-bars" }, bar), element("span", {}, percent(chances[id])));
        // The network looks at so many characters; the first ones make room.
        if (id) button.addEventListener("click", () => type([...beginning, characters[id]].slice(-context).join("")));
        else button.disabled = true;
        return button;
      }));
    }

    field.addEventListener("input", () => type(field.value));
    field.addEventListener("keydown", (event) => event.stopPropagation()); // the page's keys are not meant
    table.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!step || !result) return;
      event.preventDefault();
      event.stopPropagation();
      place = Math.min(ids.length - 1, Math.max(0, place + step));
      draw();
    });
    for (const kind of ["pointerdown", "pointermove"])
      table.addEventListener(kind, (event) => {
        if (!result) return;
        const box = table.getBoundingClientRect(), margin = 18;
        const cell = (box.height - margin * (box.width / parseFloat(table.style.width))) / ids.length;
        const row = Math.floor((event.clientY - box.bottom) / cell) + ids.length;
        if (row !== place && row >= 0 && row < ids.length) { place = row; draw(); }
      });
    new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    type(data.sentences[0]);
  }

  for (const figure of document.querySelectorAll(`figure[data-touch="${name}"]`)) build(figure);
})();
