import ArgumentParser
import Workbench

struct Trends: ChapterProgram {
  static let chapter = Chapter(9, "Trends and challenges", program: "trends")
  static let summary = "what a network looked at, what it gives away, and what it costs"
  static let examples = """
      trends                       everything
      trends saliency              what the article's CNN looked at, and which words decided
      trends saliency --image my-digit.png
      trends accountant --noise 1.1 --rate 0.01 --steps 1000 --delta 1e-5
      trends accountant --epsilon 8 --rate 0.04 --steps 2000
      trends roofline --threads 1  what this machine can do at most, and what the layers reach
      trends drawings              the drawings that explain the chapter
    """
  static let experiments: [any ChapterExperiment.Type] = [
    SaliencyMaps.self, Sanity.self, Inference.self, Privacy.self, Accountant.self, Efficiency.self,
    RooflineMeasured.self, DataFaults.self, Drawings.self,
  ]
}

runChapter(Trends.self)
