import Workbench

struct LongShortTermMemory: ChapterProgram {
  static let chapter = Chapter(6, "LSTM", program: "lstm")
  static let summary = "a cell that keeps what it has read"
  static let examples = """
      lstm                           everything
      lstm reber --trials 10         1997's cell and today's on the embedded Reber grammar
      lstm carry --seed 3            how much of a change in a cell is left later
      lstm --quick                   everything, smaller, in seconds
      lstm drawings                  the drawings that explain the chapter
    """
  static let experiments: [any ChapterExperiment.Type] = [
    Carry.self, ForgetBias.self, Reber.self, EqualSize.self, Gates.self, Drawings.self,
  ]
}

runChapter(LongShortTermMemory.self)
