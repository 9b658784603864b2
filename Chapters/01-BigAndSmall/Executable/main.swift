import Workbench

struct BigAndSmall: ChapterProgram {
  static let chapter = Chapter(1, "Big and small", program: "big-and-small")
  static let summary = "what makes a model big, and what it costs"
  static let examples = """
      big-and-small                    everything
      big-and-small count              what published models come to
      big-and-small scaling --quick    one network in many sizes
      big-and-small drawings           the drawings that explain the chapter
    """
  static let experiments: [any ChapterExperiment.Type] = [
    Count.self, Scaling.self, Drawings.self,
  ]
}

runChapter(BigAndSmall.self)
