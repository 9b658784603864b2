import ArgumentParser
import Engine
import Workbench

/// `drawings`: what the chapter explains, drawn with numbers that its own code has calculated.
struct Drawings: ChapterExperiment {
  static let name = "drawings"
  static let summary = "The drawings that explain the chapter."
  static let details = """
    A slope and steps downhill, broadcasting, and a neuron.

    EXAMPLES
      first-steps drawings
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try experiment.write(slopeDrawing(), to: "slope.svg")
    try experiment.write(broadcastingDrawing(), to: "broadcasting.svg")
    try experiment.write(neuronDrawing(), to: "neuron.svg")
  }
}
