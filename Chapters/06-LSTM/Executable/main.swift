import Workbench

struct LongShortTermMemory: ChapterProgram {
  static let chapter = Chapter(6, "LSTM", program: "lstm")
  static let summary = "a cell that keeps what it has read"
  static let examples = """
      lstm --quick    everything, in seconds
    """
  static let experiments: [any ChapterExperiment.Type] = []
}

runChapter(LongShortTermMemory.self)
