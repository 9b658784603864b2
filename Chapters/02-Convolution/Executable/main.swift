import Workbench

struct Convolution: ChapterProgram {
  static let chapter = Chapter(2, "Convolution", program: "convolution")
  static let summary = "small windows that slide over images"
  static let examples = """
      convolution                              everything
      convolution filters --image photo.png    filters made by hand, on a picture of yours
      convolution learn-kernel                 a kernel learned from what a filter made of an image
      convolution feature-maps --seed 3        what a trained network's filters see
      convolution receptive-field              which pixels a number depends on
      convolution equivariance                 what moves in moves out, and where it does not
      convolution speed --quick                the same convolution, four ways
      convolution drawings                     the drawings that explain the chapter
    """
  static let experiments: [any ChapterExperiment.Type] = [
    Filters.self, LearnKernel.self, FeatureMaps.self, ReceptiveFields.self, Equivariance.self, Speed.self,
    Drawings.self, Touch.self,
  ]
}

runChapter(Convolution.self)
