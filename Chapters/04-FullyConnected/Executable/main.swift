import Workbench

struct FullyConnected: ChapterProgram {
  static let chapter = Chapter(4, "Fully connected", program: "fully-connected")
  static let summary = "layers in which all numbers meet, and how they learn"
  static let examples = """
      fully-connected                      everything
      fully-connected depth                first weights, four ways, 20 layers
      fully-connected shuffled --seed 3    pixels in another order: who minds?
      fully-connected cost --threads 1     parameters, work, time of layers
      fully-connected weights              rows of weights, as images
      fully-connected autodiff --quick     a tiny automatic differentiation
      fully-connected drawings             the drawings that explain the chapter
    """
  static let experiments: [any ChapterExperiment.Type] = [
    Autodiff.self, Depth.self, Cost.self, Weights.self, Shuffled.self, Drawings.self,
  ]
}

runChapter(FullyConnected.self)
