import ArgumentParser
import Workbench

struct OptimizeModel: ChapterProgram {
  static let chapter = Chapter(12, "Optimizing models", program: "optimize-model")
  static let summary = "the same network, smaller and faster"
  static let examples = """
      optimize-model                          everything, in about two minutes
      optimize-model --quick                  everything, smaller, in seconds
      optimize-model prune --seeds 5          how many weights LeNet-300-100 can lose
      optimize-model distil --temperatures 1,3,10
      optimize-model combine                  size, accuracy and time of many small models
      optimize-model predict my-digit.png     read a picture of yours with eight bits
      optimize-model drawings                 the drawings that explain the chapter
    """
  static let experiments: [any ChapterExperiment.Type] = [
    Prune.self, Distil.self, Quantize.self, Combine.self, Drawings.self, Touch.self,
  ]
  static let commands: [any ParsableCommand.Type] = [Predict.self]
}

runChapter(OptimizeModel.self)
