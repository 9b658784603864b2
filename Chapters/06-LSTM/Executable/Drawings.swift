import ArgumentParser
import Engine
import Workbench

/// `drawings`: what the chapter explains, drawn with numbers that its own code has calculated.
struct Drawings: ChapterExperiment {
  static let name = "drawings"
  static let summary = "The drawings that explain the chapter."
  static let details = """
    The cell as a circuit, and the road that gradients take through its states.

    EXAMPLES
      lstm drawings
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try experiment.write(cellDrawing(), to: "cell.svg")
    try experiment.write(roadDrawing(), to: "road.svg")
  }
}
