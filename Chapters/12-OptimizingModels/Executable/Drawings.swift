import ArgumentParser
import Engine
import Workbench

/// `drawings`: what the chapter explains, drawn with numbers that its own code has calculated.
struct Drawings: ChapterExperiment {
  static let name = "drawings"
  static let summary = "The drawings that explain the chapter."
  static let details = """
    Weights that are pruned, a teacher and a student, numbers on a grid, and a product of whole numbers.

    EXAMPLES
      optimize-model drawings
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try experiment.write(prunedDrawing(), to: "pruned.svg")
    try experiment.write(teacherDrawing(), to: "teacher.svg")
    try experiment.write(gridDrawing(), to: "grid.svg")
    try experiment.write(productDrawing(), to: "product.svg")
  }
}
