import ArgumentParser
import Workbench

struct TrainLarge: ChapterProgram {
  static let chapter = Chapter(11, "Training large models", program: "train-large")
  static let summary = "how a model is trained that is too large, or too slow, for one machine"
  static let examples = """
      train-large                          everything, in about two minutes
      train-large ranks --ranks 2          two processes train the article's CNN, by MPI
      train-large --quick                  everything, smaller, in seconds
    """
  static let experiments: [any ChapterExperiment.Type] = [
    Rates.self, BatchSizes.self, Memory.self, Precision.self, RanksOfTraining.self, Plan.self,
  ]
  static let commands: [any ParsableCommand.Type] = [RankCommand.self]
}

runChapter(TrainLarge.self)
