import Workbench

struct TrainRNN: ChapterProgram {
  static let chapter = Chapter(8, "Training an RNN", program: "train-rnn")
  static let summary = "the article's recurrent classifier, trained and tested in full"
  static let examples = """
      train-rnn --quick    everything, in seconds
    """
  static let experiments: [any ChapterExperiment.Type] = []
}

runChapter(TrainRNN.self)
