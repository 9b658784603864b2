import Workbench

struct GatedRecurrentUnits: ChapterProgram {
  static let chapter = Chapter(5, "GRU", program: "gru")
  static let summary = "networks that read one step after the other, and why gates were invented"
  static let examples = """
      gru                          everything, in about half a minute
      gru adding --length 100      two numbers of a hundred, to be added at the end
      gru gradients --seed 3       how much of a gradient is left after so many steps
      gru --quick                  everything, smaller, in seconds
      gru --full                   five seeds each, as in the book; a quarter of an hour on two cores
      gru drawings                 the drawings that explain the chapter
    """
  static let experiments: [any ChapterExperiment.Type] = [
    Gradients.self, Adding.self, Longer.self, Gates.self, Copy.self, Drawings.self,
  ]
}

runChapter(GatedRecurrentUnits.self)
