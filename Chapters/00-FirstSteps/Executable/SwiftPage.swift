import ArgumentParser
import Chapter00FirstSteps
import Workbench

struct SwiftPage: ChapterExperiment {
  static let name = "swift"
  static let summary = "The Swift that the book needs, in a page that runs."
  static let details = """
    Prints what the page of section 0.2 prints.

    EXAMPLES
      first-steps swift
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    print("The page of Swift, run\n")
    values()
    functionsAndClosures()
    optionals()
    structures()
    print("")
  }
}

func values() {
  let heights = [1.0, 2, 4, 5]  // `let` names something that does not change: here an array of four Double
  var sum = 0.0  // `var` may change
  for height in heights { sum += height }
  print(sum / Double(heights.count))  // → 3.0

  var copy = heights  // a copy: what happens to it does not happen to `heights`
  copy[0] = 100
  print(heights[0], copy[0])  // → 1.0 100.0
}

func functionsAndClosures() {
  func squared(_ x: Double) -> Double { x * x }  // called without a name for x: squared(3)
  func raised(_ x: Double, by step: Double) -> Double { x + step }  // raised(3, by: 2)
  print(squared(3), raised(3, by: 2))  // → 9.0 5.0

  let halved = { (x: Double) in x / 2 }  // a closure: a function without a name, kept like any value
  print([1.0, 2, 4].map(halved))  // → [0.5, 1.0, 2.0]
  print([1.0, 2, 4].map { 10 * $0 })  // → [10.0, 20.0, 40.0]
  print([1.0, 2, 4].reduce(0) { $0 + $1 })  // → 7.0
  print(zip([1, 2], [3, 4]).map { $0 * $1 })  // → [3, 8]
}

func optionals() {
  let nothing: [Double] = []
  print([1.0, 5, 2].max() ?? 0, nothing.max() ?? 0)  // → 5.0 0.0
  if let tallest = [1.0, 5, 2].max() { print(tallest) }  // → 5.0
}

func structures() {
  var line = Line(w: 2, b: 1)  // a structure with two stored numbers: see the code above
  let before = line
  line.w = 3
  print(line(10), before(10))  // → 31.0 21.0
}
