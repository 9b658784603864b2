import Foundation
import Pictures
import Tensors

/// One experiment of a chapter: what it prints, and what it leaves in its folder.
///
/// Tables are printed as they are shown, and the files are listed with their meaning at the end; all of it stands in
/// `results.json` too, which is written last, so that it is there only when everything else is.
public struct Experiment {
  /// Where its files go.
  public let output: OutputFolder
  /// Whether the chapter's other experiments run too: then all of them together should be done within two minutes.
  public internal(set) var isPartOfAll = false
  /// Every figure worth checking, by name: see `Results.metrics`.
  public var metrics: [String: Double] = [:]
  /// Seconds since the beginning.
  public var seconds: Double { watch.seconds }

  /// While it trains and afterwards: no other run may train into the same folder.
  var work: FolderAtWork?

  private var results: Results
  private var files: [(name: String, meaning: String)] = []
  private let watch = Stopwatch()

  /// - Parameters:
  ///   - command: What was run: `pooling shifts`.
  ///   - scale: How much of it, where that is a choice.
  ///   - seed: Where all random numbers of the experiment come from; it is kept with the results.
  ///   - output: The experiment's own folder.
  public init(_ command: String, scale: Scale? = nil, seed: UInt64, to output: OutputFolder) {
    self.output = output
    results = Results(command: ([command] + (scale?.arguments ?? [])).joined(separator: " "), seed: seed)
    results.scale = scale
  }

  /// Prints a table, with a line below it that says how to read it, and keeps it.
  public mutating func show(_ table: Table, note: String? = nil) {
    print(table.text)
    if let note { print("  \(note)") }
    print("")
    keep(table)
  }

  /// Keeps a table that is not printed: what it says has been seen in some other way.
  public mutating func keep(_ table: Table) { results.tables.append(table) }

  /// Writes a picture.
  public mutating func write(_ picture: Canvas, to name: String, _ meaning: String) throws {
    try picture.writePNG(to: output.file(name))
    add(name, meaning)
  }

  /// Writes a chart, as SVG or as PNG by the name's ending.
  public mutating func write(_ chart: some Chart, to name: String, _ meaning: String) throws {
    if name.hasSuffix(".svg") {
      try chart.writeSVG(to: output.file(name))
    } else {
      try chart.writePNG(to: output.file(name))
    }
    add(name, meaning)
  }

  /// Writes a drawing that explains, and keeps its description for those who do not see it.
  public mutating func write(_ diagram: Diagram, to name: String) throws {
    try diagram.writeSVG(to: output.file(name))
    results.descriptions = (results.descriptions ?? [:]).merging([name: diagram.description]) { $1 }
    add(name, diagram.title)
  }

  /// Lists a file that was written into the folder in some other way.
  public mutating func add(_ name: String, _ meaning: String) { files.append((name, meaning)) }

  /// Writes `results.json`, and prints which files are there.
  public mutating func finish() throws {
    results.metrics = metrics
    results.files = files.map(\.name)
    results.seconds = seconds
    try results.write(to: output)
    add("results.json", "every figure")
    let width = files.map(\.name.count).max() ?? 0
    print("\(output.path)/")
    for (name, meaning) in files {
      print("  \(name.padding(toLength: width + 3, withPad: " ", startingAt: 0))\(meaning)")
    }
    print("")
  }
}
