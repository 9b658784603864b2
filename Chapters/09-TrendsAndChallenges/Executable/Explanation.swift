import Chapter07TrainingACNN
import Chapter09TrendsAndChallenges
import Engine
import Workbench

/// The ways to explain an answer that the experiments compare.
enum Explanation: String, CaseIterable {
  case gradient, smooth, input, occlusion, integrated, cam, guided

  var name: String {
    switch self {
    case .gradient: "gradient"
    case .smooth: "SmoothGrad"
    case .input: "gradient × input"
    case .occlusion: "occlusion"
    case .integrated: "integrated gradients"
    case .cam: "Grad-CAM"
    case .guided: "guided backprop"
    }
  }

  /// Whether only the size of its numbers is looked at: the sign of a slope says whether ink or paper is wanted.
  var isSigned: Bool { self == .input || self == .occlusion || self == .integrated }
}

/// Explains the answers of the article's CNN.
struct Explainer {
  let network: CNN
  var samples = 25
  var steps = 32
  /// Of SmoothGrad's noise; ink is 1 and paper 0.
  var deviation: Float = 0.2

  /// The map of one class's score for one image, 784 numbers with their signs.
  func map(_ explanation: Explanation, of image: [Float], for digit: Int) -> [Float] {
    let slope: ScoreGradient<Float> = { gradient(at: $0, for: digit) { network($0) } }
    switch explanation {
    case .gradient: return slope(image)
    case .smooth:
      var stream = RandomStream(seed: 1, stream: 9)
      return smoothGradient(
        at: tensor(image), of: digit, deviation: deviation, samples: samples, stream: &stream
      ) { network($0) }.scalars
    case .input: return zip(image, slope(image)).map { $0 * $1 }
    case .occlusion:
      return Chapter09TrendsAndChallenges.occlusion(of: image, height: 28, width: 28, size: 5, stride: 2) {
        scores(of: $0, for: digit)
      }
    case .integrated:
      return integratedGradients(
        at: tensor(image), from: .zeros([1, 1, 28, 28]), of: [digit], steps: steps
      ) { network($0) }.attributions.scalars
    case .cam:
      let map = Training.gradCAM(
        at: tensor(image), of: [digit], maps: { network.lastMaps($0) }, scores: { network.head($0) })
      return enlarged(map.scalars, height: 14, width: 14, by: 2)
    case .guided: return gradient(at: image, for: digit) { network.logits($0, rectifier: guidedReLU) }
    }
  }

  /// The numbers by which a map orders pixels: the size of a slope, or what speaks for the class.
  func importance(_ explanation: Explanation, of image: [Float], for digit: Int) -> [Float] {
    let map = map(explanation, of: image, for: digit)
    return explanation.isSigned ? map : map.map { abs($0) }
  }

  /// The class's score for each of several images.
  func scores(of images: [[Float]], for digit: Int) -> [Float] {
    let logits = withoutGradients {
      network(Variable(Tensor(images.flatMap { $0 }, shape: [images.count, 1, 28, 28])))
    }
    return logits.value.selected(digit, axis: 1).scalars
  }

  /// The class's probability for each of several images.
  func probabilities(of images: [[Float]], for digit: Int) -> [Float] {
    let logits = withoutGradients {
      network(Variable(Tensor(images.flatMap { $0 }, shape: [images.count, 1, 28, 28])))
    }
    return logits.value.softmax().selected(digit, axis: 1).scalars
  }

  private func gradient(at image: [Float], for digit: Int, _ scores: (Variable) -> Variable) -> [Float] {
    inputGradient(at: tensor(image), of: [digit], scores: scores).gradient.scalars
  }

  private func tensor(_ image: [Float]) -> Tensor { Tensor(image, shape: [1, 1, 28, 28]) }
}

extension CNN {
  /// What its second convolution sees, after ReLU: `[N, 64, 14, 14]`.
  func lastMaps(_ images: Variable) -> Variable {
    relu(conv2(maxPool2d(relu(conv1(images)), kernelSize: 2)))
  }

  /// What it makes of these maps: logits, `[N, 10]`.
  func head(_ maps: Variable) -> Variable {
    fc2(relu(fc1(maxPool2d(maps, kernelSize: 2).flattened(from: 1))))
  }

  /// The network with another activation in place of ReLU.
  func logits(_ images: Variable, rectifier: (Variable) -> Variable) -> Variable {
    var x = maxPool2d(rectifier(conv1(images)), kernelSize: 2)
    x = maxPool2d(rectifier(conv2(x)), kernelSize: 2)
    return fc2(rectifier(fc1(x.flattened(from: 1))))
  }
}

/// The article's CNN, trained on generated digits.
struct ExplainedCNN {
  let network: CNN
  let data: ImageData
  let test: Evaluation

  init(_ common: CommonOptions) throws {
    let data = ImageData.generatedDigits(
      training: common.scale.of(quick: 600, standard: 6_000, full: 30_000), validation: 0,
      test: common.scale.of(quick: 200, standard: 1_000, full: 2_000), seed: common.seed)
    var settings = TrainingSettings.cnn
    settings.epochs = common.scale.of(quick: 1, standard: 2, full: 3)
    settings.seed = common.seed
    let run = CNNRun(settings, on: data)
    let progress = Progress(
      "training the CNN", total: settings.epochs * data.training.count, unit: "images")
    try run.finish { progress.update($0) }
    test = evaluate(run.model, on: data.test)
    progress.finish("\(percent(test.accuracy)) of held-out digits read")
    (network, self.data) = (run.model, data)
  }

  /// The first places of the test part at which a digit was read correctly, each digit in its turn.
  func readCorrectly(_ count: Int) -> [Int] {
    Array(test.labels.indices.filter { test.labels[$0] == test.predictions[$0] }.prefix(count))
  }

  func image(_ place: Int) -> [Float] { data.test.batch([place]).images.scalars }
}
