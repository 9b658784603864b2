import Foundation
import Formats
import Tensors
import Testing

@testable import Pictures

@Suite struct DiagramTests {
  private func contrast(_ a: Color, _ b: Color) -> Float {
    let (x, y) = (a.luminance + 0.05, b.luminance + 0.05)
    return max(x, y) / min(x, y)
  }

  private func schemes(_ pair: Tone.Pair) -> [Color] { [pair.light, pair.dark] }

  /// Text may stand on the page, on pale cells, and on cells of its own tone: legible by WCAG's level AA on all of them.
  @Test(arguments: Tone.allCases) func textIsLegible(tone: Tone) {
    for scheme in 0..<2 {
      let text = schemes(tone.strong)[scheme]
      let grounds = [Tone.page, tone.tint, Tone.soft.tint].map { schemes($0)[scheme] }
      for ground in grounds {
        #expect(contrast(text, ground) >= 4.5, "\(tone), \(text.hex) on \(ground.hex)")
      }
    }
  }

  /// Ink stands on everything: pale cells, and cells that are as deep as they may be.
  @Test(arguments: Tone.allCases) func inkIsLegible(tone: Tone) {
    for scheme in 0..<2 {
      let ink = schemes(Tone.ink.strong)[scheme]
      let deep = schemes(Tone.page)[scheme].mixed(with: schemes(tone.strong)[scheme], Diagram.deepest)
      #expect(contrast(ink, schemes(tone.tint)[scheme]) >= 4.5)
      if tone != .ink { #expect(contrast(ink, deep) >= 4.5, "\(tone), \(deep.hex)") }
    }
  }

  /// Lines and marks stand out from the page, by WCAG at least 3 to 1; tints of two tones are two colours.
  @Test func tonesAreTold() {
    for tone in Tone.allCases {
      for scheme in 0..<2 {
        #expect(contrast(schemes(tone.strong)[scheme], schemes(Tone.page)[scheme]) >= 3)
      }
    }
    #expect(Set(Tone.allCases.map(\.tint.light)).count == Tone.allCases.count)
    #expect(Set(Tone.allCases.map(\.strong.dark)).count == Tone.allCases.count)
  }

  @Test func aFileHasBothSchemesAndSaysWhatItShows() {
    var drawing = Diagram(width: 100, height: 50, title: "a < b", description: "An arrow & a box.")
    let box = drawing.box("x_{t−1}", Frame(10, 10, 40, 30), .blue)
    drawing.arrow(box.right, Point(90, 25))
    let svg = drawing.svg()
    #expect(svg.contains("role=\"img\""))
    #expect(svg.contains("<title>a &lt; b</title>\n<desc>An arrow &amp; a box.</desc>"))
    #expect(svg.contains("@media (prefers-color-scheme: dark){"))
    for pair in [Tone.blue.strong, Tone.blue.tint, Tone.ink.strong] {
      #expect(svg.contains(pair.light.hex) && svg.contains(pair.dark.hex))
    }
    // Only what is used has rules, and there is no ground.
    #expect(!svg.contains("green") && !svg.contains("width=\"100\" height=\"50\" fill"))
  }

  @Test func indicesAndPowers() {
    let markup = Markup("W^T h_{t−1} + b_1")
    #expect(markup.pieces.map(\.text) == ["W", "T", " h", "t−1", " + b", "1"])
    #expect(markup.pieces.map(\.level) == [.line, .power, .line, .index, .line, .index])
    #expect(Markup("x_i").width(.body, isBold: false) < Markup("xi").width(.body, isBold: false))
    var drawing = Diagram(width: 100, height: 40, title: "", description: "")
    drawing.text("h_t + 1", Point(50, 20))
    let svg = drawing.svg()
    // The index goes down, and what follows comes back up by as much.
    #expect(
      svg.contains(">h<tspan dy=\"3.08\" font-size=\"10.5\">t</tspan><tspan dy=\"-3.08\"> + 1</tspan></text>")
    )
  }

  @Test func cellsStandSideBySide() {
    var drawing = Diagram(width: 200, height: 100, title: "", description: "")
    let grid = drawing.cells([["1", "2", "3"], ["4", "5", "6"]], x: 10, y: 20, cell: (30, 20))
    #expect(grid.frame == Frame(10, 20, 90, 40))
    #expect(grid[1, 2] == Frame(70, 40, 30, 20))
    #expect(grid[0...1, 1...2] == Frame(40, 20, 60, 40))
    let texts = drawing.elements.compactMap {
      if case .text(let text, _, _, _, _, _) = $0 { text } else { nil }
    }
    #expect(texts == ["1", "2", "3", "4", "5", "6"])
  }

  @Test func anArrowEndsAtItsTip() {
    for bend: Float in [0, 0.3, -0.2] {
      var drawing = Diagram(width: 200, height: 100, title: "", description: "")
      drawing.arrow(Point(10, 50), Point(150, 50), bend: bend)
      let paths = drawing.elements.compactMap { if case .path(let path, _, _) = $0 { path } else { nil } }
      #expect(paths.count == 2)
      #expect(paths[0].hasPrefix("M10,50"))
      #expect(paths[1].hasPrefix("M150,50L") && paths[1].hasSuffix("Z"))
    }
  }

  @Test func numbersLieWhereTheyBelong() {
    var drawing = Diagram(width: 300, height: 200, title: "", description: "")
    let area = drawing.plot(Frame(50, 20, 200, 100), x: -1...3, y: 0...10)
    #expect(area.place(-1, 0) == Point(50, 120) && area.place(3, 10) == Point(250, 20))
    #expect(area.place(1, 5) == Point(150, 70))
    let line = drawing.numberLine(Point(0, 150), Point(300, 150), range: -1...1, ticks: [-1, 0, 1])
    #expect(line.place(0.5, 0) == Point(225, 150))
    #expect(drawing.svg().contains(">−1</text>"))
  }
}
