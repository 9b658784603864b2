import ArgumentParser
import Engine
import Workbench

/// `drawings`: what the chapter explains, drawn with numbers that its own code has calculated.
struct Drawings: ChapterExperiment {
  static let name = "drawings"
  static let summary = "The drawings that explain the chapter."
  static let details = """
    Checkpointing, data parallelism, a sum that goes round, and ZeRO.

    EXAMPLES
      train-large drawings
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try experiment.write(checkpointDrawing(), to: "checkpoint.svg")
    try experiment.write(dataParallelDrawing(), to: "data-parallel.svg")
    try experiment.write(ringDrawing(), to: "ring.svg")
    try experiment.write(shardedStateDrawing(), to: "zero.svg")
  }
}
