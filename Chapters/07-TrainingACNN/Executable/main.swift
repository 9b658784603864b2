import ArgumentParser
import Workbench

struct TrainCNN: ChapterProgram {
  static let chapter = Chapter(7, "Training a CNN", program: "train-cnn")
  static let summary = "the article's CNN, trained and tested in full"
  static let introduction = """
    Without a subcommand, trains the network on digits that the project draws itself, judges it on digits it has \
    not seen, and writes its pictures, its weights and results.json.
    """
  static let examples = """
      train-cnn                               one run, on generated digits
      train-cnn --quick                       a small version, in seconds
      train-cnn --epochs 10 --seed 3 --output out/my-run
      train-cnn --data ~/mnist                on MNIST files, plain or gzipped
      train-cnn --data ~/mnist --split 8000   when only one pair of files is there
      train-cnn predict my-digit.png          read a picture of yours
      train-cnn all                           every experiment of the chapter
      train-cnn optimizers --help             what an experiment can do
      train-cnn drawings                      the drawings that explain the chapter
    """
  static let experiments: [any ChapterExperiment.Type] = [
    Train.self, Optimizers.self, Augmentations.self, Seeds.self, Regularize.self, BatchNorms.self,
    Depths.self,
    NetworkSizes.self, Drawings.self,
  ]
  static let mainExperiment: (any ChapterExperiment.Type)? = Train.self
  static let commands: [any ParsableCommand.Type] = [Predict.self]
}

runChapter(TrainCNN.self)
