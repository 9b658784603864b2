import ArgumentParser
import Workbench

struct ChooseModel: ChapterProgram {
  static let chapter = Chapter(10, "Choosing a model", program: "choose-model")
  static let summary = "which model for which data, by measurement"
  static let examples = """
      choose-model                          everything, in about two minutes
      choose-model attention                one head by hand, and where a trained network looks
      choose-model tasks --full             five kinds of network on four tasks, as in the book
      choose-model gpt --text my.txt        a small GPT on a text of yours
      choose-model write "The network" --temperature 0.7
      choose-model --quick                  everything, smaller, in seconds
      choose-model drawings                 the drawings that explain the chapter
    """
  static let experiments: [any ChapterExperiment.Type] = [
    AttentionMaps.self, Positions.self, Tasks.self, Growth.self, GPTTraining.self, CacheSpeed.self,
    Drawings.self, Touch.self,
  ]
  static let commands: [any ParsableCommand.Type] = [Write.self, MemoryOfTraining.self]
}

runChapter(ChooseModel.self)
