import ArgumentParser
import Chapter02Convolution
import Engine
import Foundation
import Workbench

struct Touch: ChapterExperiment {
  static let name = "touch"
  static let summary = "One window and its nine products, and the figure of the book's site that slides it."
  static let details = """
    Draws one place of a kernel on a small picture, with every product. Beside it lies what the figure on the site \
    calculates with: the picture, in hundredths, and the hand-made filters of 3×3.

    EXAMPLES
      convolution touch
    """

  /// The figure's name, and that of its script in `Book/Touch`.
  static let figure = "slide-a-kernel"

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    // Whole hundredths: the products can be checked with a pencil.
    let scene = Scene.drawn(width: 24, height: 18)
    let hundredths = scene.scalars.map { Int(($0 * 100).rounded()) }
    let picture = Tensor(hundredths.map { Float($0) / 100 }, shape: scene.shape)
    let filters = HandMadeFilter.all.filter { $0.kernel.shape == [3, 3] }
    let first = filters.firstIndex { $0.name == "Sobel, horizontal" }!
    let step = KernelStep(picture, filters[first])
    try experiment.writeTouchData(
      Contents(
        width: picture.shape[1], hundredths: hundredths, first: first, row: step.row, column: step.column,
        kernels: filters.map { filter in
          .init(
            name: filter.name, purpose: filter.purpose, weights: filter.kernel.scalars.map { Double($0) })
        },
        colors: ColorMap.blueWhiteRed.bytes), for: Self.figure)

    let terms = step.terms
    var table = Table(
      "\(filters[first].name), at row \(step.row + 1), column \(step.column + 1) of its map",
      columns: ["pixel", "weight", "product"])
    for term in terms {
      table.add(
        fixed(Double(term.pixel), 2), readable(Double(term.weight)),
        fixed(Double(term.pixel * term.weight), 2))
    }
    experiment.show(table, note: "Their sum is \(fixed(Double(step.sum), 2)).")
    try experiment.write(
      step, to: "\(Self.figure).svg", "one window, its nine products, and the map")
    experiment.metrics["rows"] = Double(picture.shape[0])
    experiment.metrics["columns"] = Double(picture.shape[1])
    experiment.metrics["sum"] = Double(step.sum)
    experiment.metrics["kernels"] = Double(filters.count)
  }

  /// What the figure's script reads.
  private struct Contents: Encodable {
    let width: Int
    /// The picture, row by row.
    let hundredths: [Int]
    /// The kernel to begin with.
    let first: Int
    /// Where the window lies at first.
    let row, column: Int
    let kernels: [Kernel]
    let colors: Data

    struct Kernel: Encodable {
      let name, purpose: String
      let weights: [Double]
    }
  }
}
