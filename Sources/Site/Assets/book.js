// The book's pages without this file are whole; with it they have search, keys, a switch for light and dark, and buttons
// that copy code. No dependencies, and nothing is loaded but the search index, when the box is first opened.
'use strict';
(() => {
  const body = document.body;
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }
  // A message for screen readers.
  const status = make('div', { role: 'status', class: 'unseen' });
  body.append(status);
  const say = (text) => { status.textContent = ''; setTimeout(() => { status.textContent = text; }, 50); };

  // MARK: Light and dark

  const root = document.documentElement;
  const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
  const themeButton = $('#theme');
  const isDark = () => (root.dataset.theme || (systemIsDark.matches ? 'dark' : 'light')) === 'dark';
  function showTheme() {
    themeButton.setAttribute('aria-label', isDark() ? 'Switch to light' : 'Switch to dark');
    themeButton.title = (isDark() ? 'Light' : 'Dark') + ' (t)';
  }
  function switchTheme() {
    const wanted = isDark() ? 'light' : 'dark';
    // What the system has anyway is not kept: the page then follows the system again.
    if ((wanted === 'dark') === systemIsDark.matches) delete root.dataset.theme; else root.dataset.theme = wanted;
    try {
      if (root.dataset.theme) localStorage.setItem('theme', wanted); else localStorage.removeItem('theme');
    } catch { /* pages from disk may not have a store */ }
    showTheme();
    say(isDark() ? 'Dark' : 'Light');
  }
  themeButton.addEventListener('click', switchTheme);
  systemIsDark.addEventListener('change', showTheme);
  showTheme();

  // MARK: Code that is copied

  for (const figure of all('figure.code')) {
    const pre = $('pre', figure);
    if (pre.classList.contains('plain') && !/^(\.\/workbook|swift |cd )/.test(pre.textContent)) continue;
    const button = make('button', { class: 'copy', type: 'button' }, 'Copy');
    button.addEventListener('click', async () => {
      const done = await copy(pre.textContent.replace(/\n$/, ''));
      button.textContent = done ? 'Copied' : 'Press Ctrl-C';
      if (!done) getSelection().selectAllChildren(pre);
      say(done ? 'Copied' : 'Selected');
      setTimeout(() => { button.textContent = 'Copy'; }, 1600);
    });
    figure.append(button);
  }
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = make('textarea', { class: 'unseen' });
      area.value = text;
      body.append(area);
      area.select();
      const done = document.execCommand('copy');
      area.remove();
      return done;
    }
  }

  // MARK: The sidebar

  const sidebar = $('#sidebar');
  $('[aria-current="page"]', sidebar)?.scrollIntoView({ block: 'center' });
  $('#menu').addEventListener('click', (event) => {
    event.preventDefault();
    toggleSidebar(!body.classList.contains('menu-open'));
  });
  function toggleSidebar(open) {
    body.classList.toggle('menu-open', open);
    $('#menu').setAttribute('aria-expanded', open);
    if (open) $('a', sidebar).focus(); else if (sidebar.contains(document.activeElement)) $('#menu').focus();
  }
  sidebar.addEventListener('click', (event) => { if (event.target.closest('a')) toggleSidebar(false); });
  $('#main').addEventListener('click', () => { if (body.classList.contains('menu-open')) toggleSidebar(false); });

  // Which section is being read.
  const links = new Map(all('.sections a', sidebar).map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
  const headings = all('main h2').filter((heading) => links.has(heading.id));
  function showSection() {
    let current = null;
    for (const heading of headings) if (heading.getBoundingClientRect().top < innerHeight * 0.3) current = heading;
    for (const [id, link] of links) {
      if (current && id === current.id) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  }
  let isWaiting = false;
  addEventListener('scroll', () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => { isWaiting = false; showSection(); });
  }, { passive: true });
  showSection();

  // What is folded opens for a link into it, and for printing.
  function unfold() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let box = target?.closest('details'); box; box = box.parentElement.closest('details')) box.open = true;
  }
  addEventListener('hashchange', unfold);
  unfold();
  addEventListener('beforeprint', () => { for (const box of all('article details')) box.open = true; });

  // MARK: Search

  const searchBox = make('dialog', { id: 'search', 'aria-label': 'Search the book' });
  searchBox.innerHTML = `
    <form method="dialog" role="search">
      <input type="search" placeholder="Search the book" aria-label="Search the book" autocomplete="off" spellcheck="false"
        role="combobox" aria-expanded="false" aria-controls="hits" aria-autocomplete="list">
      <button type="button" class="close" aria-label="Close">esc</button>
    </form>
    <ol id="hits" role="listbox" aria-label="Hits"></ol>
    <p class="hint">Words that a section has; <kbd>↑</kbd> <kbd>↓</kbd> choose, <kbd>Enter</kbd> opens.</p>`;
  body.append(searchBox);
  const input = $('input', searchBox);
  const hits = $('#hits');
  const hint = $('.hint', searchBox);
  let sections = null;
  let chosen = -1;
  // Without accents and capitals, letter by letter, so that places in both texts are the same.
  const plain = (text) => text.replace(/[^\0-\x7f]/g, (letter) => letter.normalize('NFD')[0]).toLowerCase();

  function loadIndex() {
    if (sections) return Promise.resolve();
    return new Promise((done, failed) => {
      const script = make('script', { src: 'assets/search-index.js' });
      script.onload = () => {
        sections = bookIndex.sections.map(([page, anchor, heading, text]) => {
          const [file, title] = bookIndex.pages[page];
          return { file, title, anchor, heading, text, plainHeading: plain(heading), plainText: plain(text) };
        });
        done();
      };
      script.onerror = failed;
      document.head.append(script);
    });
  }

  const wordsOf = (query) => plain(query).split(/\s+/).filter(Boolean);
  function escapeRegex(text) { return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'); }
  // A word counts from its beginning: "conv" finds "convolution". What is no Latin letter is found anywhere.
  function matcher(word, flags) {
    return new RegExp((/^[\p{Script=Latin}\p{N}]/u.test(word) ? '(?<![\\p{L}\\p{N}])' : '') + escapeRegex(word), flags + 'u');
  }

  function find(query) {
    const words = wordsOf(query);
    if (!words.length) return [];
    const tests = words.map((word) => ({ word, any: matcher(word, ''), every: matcher(word, 'g') }));
    const found = [];
    for (const section of sections) {
      let score = 0;
      for (const test of tests) {
        const inHeading = test.any.test(section.plainHeading);
        const count = section.plainText.match(test.every)?.length ?? 0;
        if (!inHeading && !count) { score = 0; break; }
        score += (inHeading ? 12 : 0) + Math.min(count, 8) / (1 + section.plainText.length / 4000);
      }
      if (score > 0 && words.length > 1) {
        const phrase = words.join(' ');
        if (section.plainHeading.includes(phrase)) score += 20;
        if (section.plainText.includes(phrase)) score += 8;
      }
      if (score > 0) found.push({ section, score });
    }
    return found.sort((a, b) => b.score - a.score).slice(0, 40).map((hit) => hit.section);
  }

  // A text with its hits marked.
  function marked(text, words) {
    const fragment = document.createDocumentFragment();
    const folded = plain(text);
    const places = [];
    for (const word of words) {
      for (const match of folded.matchAll(matcher(word, 'g'))) places.push([match.index, match.index + match[0].length]);
    }
    places.sort((a, b) => a[0] - b[0]);
    let end = 0;
    for (const [from, to] of places) {
      if (from < end) continue;
      fragment.append(text.slice(end, from), make('mark', {}, text.slice(from, to)));
      end = to;
    }
    fragment.append(text.slice(end));
    return fragment;
  }
  function excerpt(section, words) {
    let at = -1;
    for (const word of words) {
      const place = section.plainText.search(matcher(word, ''));
      if (place >= 0 && (at < 0 || place < at)) at = place;
    }
    const from = Math.max(0, section.text.lastIndexOf(' ', Math.max(0, at - 60)) + (at > 60 ? 1 : 0));
    const cut = section.text.slice(from, from + 200);
    return (from > 0 ? '… ' : '') + cut + (from + 200 < section.text.length ? ' …' : '');
  }

  function showHits() {
    const words = wordsOf(input.value);
    const found = sections ? find(input.value) : [];
    hits.replaceChildren(...found.map((section, i) => {
      const link = make('a', {
        href: `${section.file}?find=${encodeURIComponent(input.value.trim())}${section.anchor ? '#' + section.anchor : ''}`, tabindex: '-1',
      });
      const heading = make('strong');
      heading.append(marked(section.heading, words));
      const text = make('span', { class: 'excerpt' });
      text.append(marked(excerpt(section, words), words));
      link.append(heading, ...(section.title === section.heading ? [] : [make('span', { class: 'from' }, section.title)]), text);
      return make('li', { role: 'option', id: `hit-${i}`, 'aria-selected': 'false' }, link);
    }));
    input.setAttribute('aria-expanded', found.length > 0);
    hint.hidden = found.length > 0;
    hint.textContent = words.length && !found.length ? 'No section has all of these words.' : '';
    if (!words.length) hint.innerHTML = 'Words that a section has; <kbd>↑</kbd> <kbd>↓</kbd> choose, <kbd>Enter</kbd> opens.';
    choose(found.length ? 0 : -1);
  }
  function choose(i) {
    const options = all('li', hits);
    chosen = options.length ? Math.max(0, Math.min(i, options.length - 1)) : -1;
    options.forEach((option, k) => option.setAttribute('aria-selected', k === chosen));
    if (chosen < 0) return input.removeAttribute('aria-activedescendant');
    input.setAttribute('aria-activedescendant', `hit-${chosen}`);
    options[chosen].scrollIntoView({ block: 'nearest' });
  }
  function openSearch() {
    if (searchBox.open) return;
    searchBox.showModal();
    input.select();
    loadIndex().then(showHits, () => { hint.textContent = 'The search index is missing: assets/search-index.js.'; });
  }
  input.addEventListener('input', showHits);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') choose(chosen + 1);
    else if (event.key === 'ArrowUp') choose(chosen - 1);
    else if (event.key === 'Enter') { if (chosen >= 0) $(`#hit-${chosen} a`).click(); } else return;
    event.preventDefault();
  });
  hits.addEventListener('click', (event) => { if (event.target.closest('a')) searchBox.close(); });
  $('#open-search').addEventListener('click', openSearch);

  // The words that led here, marked in the text.
  const sought = new URLSearchParams(location.search).get('find');
  if (sought) {
    const words = wordsOf(sought);
    const walker = document.createTreeWalker($('article'), NodeFilter.SHOW_TEXT, {
      acceptNode: (node) => node.parentElement.closest('math, button, script') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    });
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const node of texts) {
      if (words.some((word) => matcher(word, '').test(plain(node.data)))) node.replaceWith(marked(node.data, words));
    }
    const count = all('article mark').length;
    const clear = make('button', { type: 'button', class: 'clear-marks' }, `${count} marked  ✕`);
    clear.setAttribute('aria-label', `${count} hits marked; remove the marks`);
    clear.addEventListener('click', clearMarks);
    body.append(clear);
    // The heading has moved by what was marked.
    if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  }
  function clearMarks() {
    for (const mark of all('article mark')) mark.replaceWith(...mark.childNodes);
    $('.clear-marks')?.remove();
    history.replaceState(null, '', location.pathname + location.hash);
  }

  // MARK: Keys

  const keyBox = make('dialog', { id: 'keys', 'aria-label': 'Keys' });
  keyBox.innerHTML = `
    <h2>Keys</h2><button type="button" class="close" aria-label="Close">esc</button>
    <dl><div><dt><kbd>←</kbd> <kbd>→</kbd></dt><dd>previous page, next page</dd></div>
    <div><dt><kbd>/</kbd> or <kbd>s</kbd></dt><dd>search</dd></div>
    <div><dt><kbd>↑</kbd> <kbd>↓</kbd> <kbd>Enter</kbd></dt><dd>choose a hit, and open it</dd></div>
    <div><dt><kbd>t</kbd></dt><dd>light or dark</dd></div>
    <div><dt><kbd>c</kbd></dt><dd>contents</dd></div>
    <div><dt><kbd>h</kbd></dt><dd>front page</dd></div>
    <div><dt><kbd>?</kbd></dt><dd>these keys</dd></div>
    <div><dt><kbd>Esc</kbd></dt><dd>close; remove the marks of a search</dd></div></dl>`;
  body.append(keyBox);
  const openKeys = () => { if (!keyBox.open) keyBox.showModal(); };
  $('#open-keys').addEventListener('click', openKeys);
  for (const box of [searchBox, keyBox]) {
    $('.close', box).addEventListener('click', () => box.close());
    // A click beside the box closes it.
    box.addEventListener('click', (event) => { if (event.target === box) box.close(); });
  }

  // Whether what has the focus uses arrows itself: a field, or something that scrolls sideways.
  function usesArrows(element) {
    for (let e = element; e && e !== body; e = e.parentElement) {
      if (/^(INPUT|TEXTAREA|SELECT|CANVAS)$/.test(e.tagName) || e.isContentEditable || e.closest('.touch')) return true;
      if (e.scrollWidth > e.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(e).overflowX)) return true;
    }
    return false;
  }
  const go = (file) => { if (file) location.href = file; };
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || searchBox.open || keyBox.open) return;
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
    if (typing) return;
    const isArrow = event.key.startsWith('Arrow');
    if (isArrow && usesArrows(event.target)) return;
    switch (event.key) {
      case 'ArrowLeft': go(body.dataset.previous); break;
      case 'ArrowRight': go(body.dataset.next); break;
      case '/': case 's': openSearch(); break;
      case '?': openKeys(); break;
      case 't': switchTheme(); break;
      case 'c': toggleSidebar(true); break;
      case 'h': go('index.html'); break;
      case 'Escape': if (body.classList.contains('menu-open')) toggleSidebar(false); else clearMarks(); break;
      default: return;
    }
    event.preventDefault();
  });
})();
