import Formats

/// A figure with axes that comes as pixels or as SVG, from one layout. A chart of one's own lays out a `Drawing`.
public protocol Chart: Sendable {
  /// The chart, laid out.
  var drawing: Drawing { get }
}

extension Chart {
  /// The chart as an SVG file of its own, readable on a light and on a dark page.
  public func svg() -> String { drawing.svg() }

  /// The chart in pixels.
  public func canvas() -> Canvas { drawing.canvas() }

  /// Writes the chart to an SVG file. It appears whole or not at all.
  ///
  /// - Throws: `FileError` when the folder is missing or may not be written to, or the disk is full.
  public func writeSVG(to path: String) throws(FileError) {
    try AtomicFile.write(svg(), to: path)
  }

  /// Writes the chart to a PNG file. It appears whole or not at all.
  ///
  /// - Throws: `FileError` when the folder is missing or may not be written to, or the disk is full.
  public func writePNG(to path: String) throws(FileError) { try canvas().writePNG(to: path) }
}
