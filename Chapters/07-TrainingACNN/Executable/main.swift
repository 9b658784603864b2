import ArgumentParser
import Workbench

struct TrainCNN: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-cnn",
    abstract: "Chapter 7: the article's CNN, trained and tested in full.",
    discussion: """
      Without a subcommand, trains the network on digits that the project draws itself, judges it on digits it has \
      not seen, and writes its pictures, its weights and results.json.

      EXAMPLES
        train-cnn                               one run, on generated digits
        train-cnn --quick                       a small version, in seconds
        train-cnn --epochs 10 --seed 3 --output out/my-run
        train-cnn --data ~/mnist                on MNIST files, plain or gzipped
        train-cnn --data ~/mnist --split 8000   when only one pair of files is there
        train-cnn predict my-digit.png          read a picture of yours
        train-cnn all                           every experiment of the chapter
        train-cnn optimizers --help             what an experiment can do
      """,
    version: Results.projectVersion,
    subcommands: [
      Train.self, Optimizers.self, Augmentations.self, Seeds.self, Predict.self, All.self,
    ],
    defaultSubcommand: Train.self)
}

/// The folder under `out/` of this chapter.
let chapterFolder = "07-training-a-cnn"

struct All: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Every experiment, each into a folder of its own.",
    discussion: """
      The training is that of `train-cnn` with a fifth of its images, so that everything is done within two minutes.

      EXAMPLES
        train-cnn all --quick
        train-cnn all --output out/seed-2 --seed 2
      """)

  @OptionGroup var common: CommonOptions

  func run() throws {
    let output = try common.prepare(chapterFolder)
    // All folders first: better to learn now that one cannot be made.
    let folders = try ["train", "optimizers", "augmentation", "seeds"].map { try output.folder($0) }
    let images = common.quick ? 1_000 : 12_000
    try train(.parse([]), CheckpointOptions.parse([]), common, images: images, to: folders[0])
    try compareOptimizers(ComparisonOptions.parse([]), common, to: folders[1])
    try compareAugmentations(ComparisonOptions.parse([]), common, to: folders[2])
    try trainSeveral(TrainingOptions.parse([]), common, seeds: nil, to: folders[3])
  }
}

runCommand(TrainCNN.self)
