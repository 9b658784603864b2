import Workbench

struct FirstSteps: ChapterProgram {
  static let chapter = Chapter(0, "First steps", program: "first-steps")
  static let summary = "tensors, a line that learns, a neuron, and a test"
  static let examples = """
      first-steps                    everything
      first-steps swift              the page of Swift, run
      first-steps tensors            shapes and broadcasting, by examples
      first-steps line               a line fitted by gradient descent, on the valley it descends
      first-steps neuron --seed 3    one neuron tells two clouds of points apart
      first-steps split              a curve that knows its points by heart
      first-steps --quick            everything, smaller, in seconds
      first-steps drawings           the drawings that explain the chapter
    """
  static let experiments: [any ChapterExperiment.Type] = [
    SwiftPage.self, TensorExamples.self, FittedLine.self, OneNeuron.self, Split.self, Drawings.self,
  ]
}

runChapter(FirstSteps.self)
