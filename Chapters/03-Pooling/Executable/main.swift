import Workbench

struct Pooling: ChapterProgram {
  static let chapter = Chapter(3, "Pooling", program: "pooling")
  static let summary = "one number for each small window"
  static let examples = """
      pooling                        everything
      pooling shifts --seeds 10      how well networks read digits that were moved
      pooling maps --digit 4         what each pooling keeps of a digit
      pooling gradients --seed 3     where gradients arrive
      pooling --quick                everything, smaller, in seconds
      pooling drawings               the drawings that explain the chapter
    """
  static let experiments: [any ChapterExperiment.Type] = [
    Gradients.self, Maps.self, Shifts.self, Drawings.self,
  ]
}

runChapter(Pooling.self)
