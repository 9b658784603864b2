import ArgumentParser
import Engine
import Workbench

struct TensorExamples: ChapterExperiment {
  static let name = "tensors"
  static let summary = "Tensors, shapes and broadcasting, by examples."
  static let details = """
    Prints what the examples of section 0.3 print, and a table of shapes that fit.

    EXAMPLES
      first-steps tensors
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    print("Tensors, by examples\n")
    tensors()
    broadcasting()
    print("")

    var table = Table("Shapes that fit", columns: ["a", "b", "a + b", "what is repeated"])
    for (a, b, meaning) in [
      ([2, 3], [2, 3], "nothing"),
      ([2, 3], [], "the number, for each of the six"),
      ([2, 3], [3], "the row, for each of the 2 rows"),
      ([2, 3], [2, 1], "the column, for each of the 3 columns"),
      ([2, 1], [1, 3], "both"),
      ([32, 3, 28, 28], [3, 1, 1], "one number a channel, for each image and pixel"),
    ] {
      let sum = Tensor.zeros(a) + Tensor.zeros(b)
      table.add("\(a)", "\(b)", "\(sum.shape)", meaning)
    }
    experiment.show(
      table, note: "shapes are compared from the right; an axis of 1, or a missing one, is repeated")
  }
}

func tensors() {
  let heights = Tensor([[1, 2, 4, 5], [0, 3, 3, 6]])  // two plants, four days
  print(heights.shape, heights.rank, heights.count)  // → [2, 4] 2 8
  print(heights[1, 3])  // → 6.0
  print(heights.row(0).scalars)  // → [1.0, 2.0, 4.0, 5.0]
  print(heights.mean(axis: 1).scalars)  // → [3.0, 3.0]
  print(heights.mean(axis: 0).scalars)  // → [0.5, 2.5, 3.5, 5.5]
  print(heights.reshaped([4, 2]).row(0).scalars)  // → [1.0, 2.0]
}

func broadcasting() {
  let heights = Tensor([[1, 2, 4, 5], [0, 3, 3, 6]])
  let daily = Tensor([0, 1, 2, 3])  // one number a day: [4]
  let plants = Tensor([[10], [20]])  // one number a plant: [2, 1]
  print((2 * heights).row(0).scalars)  // → [2.0, 4.0, 8.0, 10.0]
  print((heights - daily).row(1).scalars)  // → [0.0, 2.0, 1.0, 3.0]
  print((heights + plants).row(1).scalars)  // → [20.0, 23.0, 23.0, 26.0]
  print((daily + plants).shape)  // → [2, 4]
}
