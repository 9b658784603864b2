import ArgumentParser
import Workbench

struct TrainRNN: ChapterProgram {
  static let chapter = Chapter(8, "Training an RNN", program: "train-rnn")
  static let summary = "the article's recurrent classifier, trained and tested in full"
  static let introduction = """
    Without a subcommand, trains the network on sentences that a grammar makes, judges it on sentences that it has \
    not seen, and writes its pictures, its weights and results.json.
    """
  static let examples = """
      train-rnn                               one run, on generated sentences
      train-rnn --quick                       a small version, in seconds
      train-rnn --epochs 20 --hidden-size 128 --output out/my-run
      train-rnn --data reviews.tsv            on lines of your own: a label, a tab, a text
      train-rnn predict "I hated it at first, but in the end I loved it."
      train-rnn language-model --text my.txt  a network that writes, letter by letter
      train-rnn write "The network" --temperature 0.7
      train-rnn all                           every experiment of the chapter
      train-rnn padding --help                what an experiment can do
      train-rnn drawings                      the drawings that explain the chapter
    """
  static let experiments: [any ChapterExperiment.Type] = [
    Train.self, Baselines.self, Padding.self, Clipping.self, Buckets.self, Seeds.self,
    LanguageModelTraining.self, Drawings.self,
  ]
  static let mainExperiment: (any ChapterExperiment.Type)? = Train.self
  static let commands: [any ParsableCommand.Type] = [Predict.self, Write.self]
}

runChapter(TrainRNN.self)
