import ArgumentParser
import Workbench

struct TrainLarge: ChapterProgram {
  static let chapter = Chapter(11, "Training large models", program: "train-large")
  static let summary = "how a model is trained that is too large, or too slow, for one machine"
  static let examples = """
      train-large                          everything, in about two minutes
      train-large --quick                  everything, smaller, in seconds
      train-large ranks --ranks 2          two processes train the article's CNN, by MPI
      train-large rates                    which learning rate, and how it should change
      train-large batch --full             which batch size, with more seeds
      train-large plan --model gpt-3 --devices 1024 --tokens 300e9
      train-large drawings                 the drawings that explain the chapter
    """
  static let experiments: [any ChapterExperiment.Type] = [
    Rates.self, BatchSizes.self, Memory.self, Precision.self, RanksOfTraining.self, Plan.self,
    Drawings.self,
  ]
  static let commands: [any ParsableCommand.Type] = [RankCommand.self]
}

runChapter(TrainLarge.self)
