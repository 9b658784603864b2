import ArgumentParser
import Engine
import Workbench

/// `drawings`: what the chapter explains, drawn with numbers that its own code has calculated.
struct Drawings: ChapterExperiment {
  static let name = "drawings"
  static let summary = "The drawings that explain the chapter."
  static let details = """
    A window that slides, its stride, padding and dilation, windows as columns, and the receptive field.

    EXAMPLES
      convolution drawings
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try experiment.write(windowDrawing(), to: "window.svg")
    try experiment.write(geometryDrawing(), to: "geometry.svg")
    try experiment.write(columnsDrawing(), to: "columns.svg")
    try experiment.write(receptiveFieldDrawing(), to: "receptive-field.svg")
  }
}
