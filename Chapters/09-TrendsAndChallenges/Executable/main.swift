import ArgumentParser
import Workbench

struct Trends: ChapterProgram {
  static let chapter = Chapter(9, "Trends and challenges", program: "trends")
  static let summary = "what a network looked at, what it gives away, and what it costs"
  static let examples = """
      trends                   everything
    """
  static let experiments: [any ChapterExperiment.Type] = []
}

runChapter(Trends.self)
