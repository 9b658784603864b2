import Foundation
import Testing

@testable import Site

/// The site in a browser, from the disk: what a reader sees and does.
@Suite(.serialized, MadeSite.needsChromium) struct BrowserTests {
  private func inBrowser(_ body: (Browser, URL) throws -> Void) throws {
    let folder = try MadeSite.folder.get()
    let browser = try Browser()
    defer { browser.close() }
    try body(browser, folder)
  }

  /// Texts that are not code or formulas, and have something of TeX or of a marker in them.
  private static let rawText = #"""
    (() => {
      const found = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const node = walker.currentNode;
        if (node.parentElement.closest('pre, code, script, style, math')) continue;
        if (/\$[^ 0-9]|\\[A-Za-z]+|<!--|-->|\{=|\*\*|``|\]\(/.test(node.data)) found.push(node.data.trim().slice(0, 80));
      }
      return found.join(' | ');
    })()
    """#

  @Test func everyPageLoadsWithoutErrorsOrRequests() throws {
    try inBrowser { browser, folder in
      for name in try MadeSite.pages().keys.sorted() {
        try browser.setWindow(width: 1_280)
        try browser.open(folder.appending(path: name))
        #expect(browser.errors == [], "\(name)")
        let outside = browser.requested.filter { !$0.hasPrefix("file://") && !$0.hasPrefix("data:") }
        #expect(outside == [], "\(name)")
        #expect(try browser.text(Self.rawText) == "", "\(name)")
        // Every picture that is shown has pixels.
        let broken = try browser.text(
          """
          (async () => {
            const images = [...document.images].filter(image => getComputedStyle(image).display !== 'none');
            for (const image of images) image.loading = 'eager';
            await Promise.all(images.map(image => image.decode().catch(() => {})));
            return images.filter(image => !image.naturalWidth).map(image => image.src).join(' ');
          })()
          """)
        #expect(broken == "", "\(name)")
        #expect(try browser.number("document.documentElement.scrollWidth - innerWidth") <= 0, "\(name)")
        // A phone: only tables, code and formulas scroll sideways, each by itself.
        try browser.setWindow(width: 390)
        #expect(try browser.number("document.documentElement.scrollWidth") <= 390, "\(name)")
      }
    }
  }

  @Test func searchFindsMarksAndOpens() throws {
    try inBrowser { browser, folder in
      try browser.setWindow(width: 1_280)
      try browser.open(folder.appending(path: "index.html"))
      #expect(!browser.requested.contains { $0.hasSuffix("search-index.js") })
      try browser.press("/")
      try browser.wait(until: "typeof bookIndex !== 'undefined'")
      #expect(browser.requested.contains { $0.hasSuffix("search-index.js") })
      try browser.type("receptive field")
      try browser.wait(until: "document.querySelectorAll('#hits li').length > 1")
      #expect(
        try browser.text("document.querySelector('#hits li strong').textContent") == "2.8 The receptive field"
      )
      #expect(try browser.number("document.querySelectorAll('#hits mark').length") > 2)
      try browser.press("ArrowDown")
      #expect(try browser.text("document.querySelector('[aria-selected=true]').id") == "hit-1")
      try browser.press("ArrowUp")
      try browser.follow { try browser.press("Enter") }
      #expect(try browser.text("location.pathname").hasSuffix("/02-convolution.html"))
      #expect(try browser.text("location.hash") == "#28-the-receptive-field")
      try browser.wait(until: "document.querySelectorAll('article mark').length > 3")
      #expect(browser.errors == [])
      try browser.press("Escape")
      #expect(try browser.number("document.querySelectorAll('article mark').length") == 0)
      // Words that no section has are said to be missing; a word of another script is found within others.
      try browser.press("s")
      try browser.wait(until: "document.querySelector('#search').open")
      try browser.type("zzyzx")
      try browser.wait(until: "document.querySelector('#search .hint').textContent.includes('No section')")
      try browser.evaluate("document.querySelector('#search input').select()")
      try browser.type("模型")
      try browser.wait(until: "document.querySelectorAll('#hits mark').length > 0")
    }
  }

  @Test func keysTurnPagesAndAreListed() throws {
    try inBrowser { browser, folder in
      try browser.setWindow(width: 1_280)
      try browser.open(folder.appending(path: "02-convolution.html"))
      try browser.follow { try browser.press("ArrowRight") }
      #expect(try browser.text("location.pathname").hasSuffix("/03-pooling.html"))
      try browser.follow { try browser.press("ArrowLeft") }
      #expect(try browser.text("location.pathname").hasSuffix("/02-convolution.html"))
      try browser.press("?")
      try browser.wait(until: "document.querySelector('#keys').open")
      try browser.press("Escape")
      try browser.wait(until: "!document.querySelector('#keys').open")
      // Arrows within code that scrolls are the code's.
      try browser.setWindow(width: 390)
      try browser.evaluate(
        "[...document.querySelectorAll('pre')].find(e => e.scrollWidth > e.clientWidth + 9).focus()")
      try browser.press("ArrowRight")
      #expect(try browser.text("location.pathname").hasSuffix("/02-convolution.html"))
      // The first stop of the tabulator skips to the text.
      try browser.evaluate("document.activeElement.blur()")
      try browser.open(folder.appending(path: "02-convolution.html"))
      try browser.press("Tab")
      #expect(try browser.text("document.activeElement.className") == "skip")
    }
  }

  @Test func buttonsCopyCodeAndSwitchTheLight() throws {
    try inBrowser { browser, folder in
      try browser.setWindow(width: 1_280)
      try browser.open(folder.appending(path: "06-lstm.html"))
      // What is copied is kept by the test: the clipboard is the system's.
      try browser.evaluate(
        """
        Object.defineProperty(navigator, 'clipboard',
          { value: { writeText: (text) => { window.copied = text; return Promise.resolve(); } } });
        """)
      try browser.evaluate(
        "document.querySelector('pre.python').parentElement.querySelector('.copy').click()")
      try browser.wait(
        until:
          "document.querySelector('pre.python').parentElement.querySelector('.copy').textContent == 'Copied'")
      #expect(try browser.text("copied").hasPrefix("lstm = torch.nn.LSTM("))
      let paper = "getComputedStyle(document.body).backgroundColor"
      #expect(try browser.text(paper) == "rgb(255, 255, 255)")
      try browser.press("t")
      #expect(try browser.text(paper) == "rgb(22, 24, 29)")
      // The next page is dark as well, from its first moment.
      try browser.open(folder.appending(path: "05-gru.html"))
      #expect(try browser.text(paper) == "rgb(22, 24, 29)")
      #expect(
        try browser.holds(
          "[...document.querySelectorAll('.on-dark')].every(e => getComputedStyle(e).display === 'block')"))
      try browser.evaluate("document.querySelector('#theme').click()")
      #expect(try browser.text(paper) == "rgb(255, 255, 255)")
      // And without a choice, as the system has it.
      try browser.setWindow(width: 1_280, isDark: true)
      #expect(try browser.text(paper) == "rgb(22, 24, 29)")
      #expect(browser.errors == [])
    }
  }

  /// Text against what is behind it, as WCAG 2 measures: at least 4.5 : 1.
  private static let faintText = #"""
    (() => {
      const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
      function rgba(color) {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
      }
      const linear = (x) => x / 255 <= 0.04045 ? x / 255 / 12.92 : ((x / 255 + 0.055) / 1.055) ** 2.4;
      const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
      const seen = new Set(), found = new Set();
      for (const element of document.querySelectorAll('body *')) {
        const hasText = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
        if (!hasText || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        if (element.closest('.anchor, .unseen, .skip')) continue;
        let behind = element;
        while (behind && rgba(getComputedStyle(behind).backgroundColor)[3] < 200) behind = behind.parentElement;
        const pair = getComputedStyle(element).color + ' on ' + (behind ? getComputedStyle(behind).backgroundColor : 'white');
        if (seen.has(pair)) continue;
        seen.add(pair);
        const a = luminance(rgba(getComputedStyle(element).color));
        const b = luminance(rgba(behind ? getComputedStyle(behind).backgroundColor : 'white'));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) found.add(element.tagName + '.' + element.className + ' ' + pair + ' ' + ratio.toFixed(2));
      }
      return seen.size < 5 ? 'only ' + seen.size + ' pairs were looked at' : [...found].join(' | ');
    })()
    """#

  @Test(arguments: [false, true]) func textCanBeReadAgainstItsGround(isDark: Bool) throws {
    try inBrowser { browser, folder in
      try browser.setWindow(width: 1_280, isDark: isDark)
      for name in ["06-lstm.html", "index.html", "00-first-steps.html", "glossary.html"] {
        try browser.open(folder.appending(path: name))
        #expect(try browser.text(Self.faintText) == "", "\(name)")
      }
    }
  }

  @Test func phonesHaveAMenuAndPagesAreWholeWithoutScripts() throws {
    try inBrowser { browser, folder in
      try browser.setWindow(width: 390)
      try browser.open(folder.appending(path: "06-lstm.html"))
      let menu = "getComputedStyle(document.querySelector('#sidebar')).visibility"
      #expect(try browser.text(menu) == "hidden")
      try browser.evaluate("document.querySelector('#menu').click()")
      try browser.wait(until: "\(menu) === 'visible'")
      try browser.press("Escape")
      try browser.wait(until: "\(menu) === 'hidden'")
      // Without scripts: the menu is a link to itself, and nothing is offered that does not work.
      try browser.call("Emulation.setScriptExecutionDisabled", ["value": true])
      try browser.open(folder.appending(path: "06-lstm.html"))
      let tools = "getComputedStyle(document.querySelector('.tools')).display"
      #expect(try browser.text(tools) == "none")
      #expect(try browser.number("document.querySelectorAll('.copy').length") == 0)
      #expect(try browser.number("document.querySelector('article').innerText.length") > 10_000)
      try browser.open(URL(string: folder.appending(path: "05-gru.html").absoluteString + "#sidebar")!)
      #expect(try browser.text(menu) == "visible")
    }
  }

  /// Printed, a page has its text alone, and what was folded is open.
  @Test func pagesPrintWithoutTheirFurniture() throws {
    try inBrowser { browser, folder in
      try browser.open(folder.appending(path: "06-lstm.html"))
      try browser.call("Emulation.setEmulatedMedia", ["media": "print"])
      for part in [".bar", "#sidebar", ".turn", ".crumbs"] {
        #expect(
          try browser.text("getComputedStyle(document.querySelector('\(part)')).display") == "none", "\(part)"
        )
      }
      let pdf = try browser.call("Page.printToPDF", ["preferCSSPageSize": true])["data"] as? String ?? ""
      #expect(Data(base64Encoded: pdf)?.starts(with: Array("%PDF".utf8)) == true)
      #expect(try browser.holds("[...document.querySelectorAll('article details')].every(box => box.open)"))
    }
  }
}
