import ArgumentParser
import Workbench

runCommand(TrainCNN.self)

struct TrainCNN: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-cnn",
    abstract: "Chapter 7: the article's CNN, trained and tested in full.",
    discussion: """
      Without a subcommand, trains the network on digits that the project draws itself, judges it on digits it has not
      seen, and writes its pictures, its weights and results.json.

      EXAMPLES
        train-cnn                                         the whole run, on generated digits
        train-cnn --quick                                 a small version, in seconds
        train-cnn --epochs 10 --seed 3 --output out/my-run
        train-cnn --data ~/mnist                          on MNIST files, plain or gzipped
        train-cnn --data ~/mnist --split 8000             when only one pair of files is there
      """,
    version: Results.projectVersion,
    subcommands: [Train.self],
    defaultSubcommand: Train.self)
}
