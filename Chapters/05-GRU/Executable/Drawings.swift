import ArgumentParser
import Engine
import Workbench

/// `drawings`: what the chapter explains, drawn with numbers that its own code has calculated.
struct Drawings: ChapterExperiment {
  static let name = "drawings"
  static let summary = "The drawings that explain the chapter."
  static let details = """
    A loop unrolled into steps, and the gated recurrent unit as a circuit.

    EXAMPLES
      gru drawings
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try experiment.write(unrolledDrawing(), to: "unrolled.svg")
    try experiment.write(unitDrawing(), to: "unit.svg")
  }
}
