import ArgumentParser
import Workbench

struct ChooseModel: ChapterProgram {
  static let chapter = Chapter(10, "Choosing a model", program: "choose-model")
  static let summary = "which model for which data, by measurement"
  static let examples = """
      choose-model                   everything
    """
  static let experiments: [any ChapterExperiment.Type] = []
}

runChapter(ChooseModel.self)
