import Workbench

struct GatedRecurrentUnits: ChapterProgram {
  static let chapter = Chapter(5, "GRU", program: "gru")
  static let summary = "networks that read one step after the other, and why gates were invented"
  static let examples = """
      gru --quick    everything, in seconds
    """
  static let experiments: [any ChapterExperiment.Type] = []
}

runChapter(GatedRecurrentUnits.self)
