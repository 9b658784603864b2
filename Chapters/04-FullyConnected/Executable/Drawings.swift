import ArgumentParser
import Engine
import Workbench

/// `drawings`: what the chapter explains, drawn with numbers that its own code has calculated.
struct Drawings: ChapterExperiment {
  static let name = "drawings"
  static let summary = "The drawings that explain the chapter."
  static let details = """
    A layer as a product, softmax, and the chain rule on a graph.

    EXAMPLES
      fully-connected drawings
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try experiment.write(layerDrawing(), to: "layer.svg")
    try experiment.write(softmaxDrawing(), to: "softmax.svg")
    try experiment.write(chainDrawing(), to: "chain.svg")
  }
}
