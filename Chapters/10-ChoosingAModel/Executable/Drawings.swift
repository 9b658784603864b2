import ArgumentParser
import Engine
import Workbench

/// `drawings`: what the chapter explains, drawn with numbers that its own code has calculated.
struct Drawings: ChapterExperiment {
  static let name = "drawings"
  static let summary = "The drawings that explain the chapter."
  static let details = """
    A head of attention as tables, masks, the two kinds of Transformer block, and rotary positions.

    EXAMPLES
      choose-model drawings
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try experiment.write(headDrawing(), to: "head.svg")
    try experiment.write(masksDrawing(), to: "masks.svg")
    try experiment.write(rotaryDrawing(), to: "rotary.svg")
    try experiment.write(blocksDrawing(), to: "blocks.svg")
  }
}
