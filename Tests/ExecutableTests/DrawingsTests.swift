import Engine
import Foundation
import NumberText
import Testing

/// What every chapter's `drawings` are held to, and that the numbers in them are the engine's.
@Suite struct DrawingsTests {
  static let programs = [
    "first-steps", "big-and-small", "convolution", "pooling", "fully-connected", "gru", "lstm", "train-cnn",
    "train-rnn", "trends", "choose-model", "train-large", "optimize-model",
  ]

  private func drawn(_ program: String, _ name: String) throws -> DrawnFile {
    let folder = try TemporaryFolder()
    let outcome = try run(program, "drawings", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try DrawnFile(folder.file(name))
  }

  @Test(arguments: programs) func drawingsAreTidy(program: String) throws {
    let (folder, other) = (try TemporaryFolder(), try TemporaryFolder())
    let outcome = try run(program, "drawings", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".svg")
    }
    #expect(files.count >= 2)
    let data = try Data(contentsOf: URL(fileURLWithPath: folder.file("results.json")))
    let results = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    let descriptions = try #require(results["descriptions"] as? [String: String])
    #expect(Set(descriptions.keys) == Set(files))

    // Nothing in a drawing is left to chance, or to the number of threads.
    #expect(try run(program, "drawings", "--seed", "7", "--threads", "1", "--output", other.path).status == 0)
    for file in files {
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: folder.file(file)))
          == Data(contentsOf: URL(fileURLWithPath: other.file(file))), "\(file) differs")
      let drawing = try DrawnFile(folder.file(file))
      #expect(drawing.isWellFormed && drawing.role == "img", "\(file)")
      #expect(!drawing.title.isEmpty && drawing.seen == descriptions[file], "\(file)")
      #expect(drawing.seen.count > 120 && drawing.seen != drawing.title, "\(file)")
      #expect(drawing.style.contains("@media (prefers-color-scheme: dark)") && !drawing.hasGround, "\(file)")
      #expect(drawing.width <= 720, "\(file) is wider than the page")
      expectLegible(drawing, file)
    }
  }

  /// All texts are large enough, inside the drawing, and apart from each other.
  private func expectLegible(_ drawing: DrawnFile, _ file: String) {
    for text in drawing.texts {
      let box = text.box
      #expect(text.size >= 12, "\(file): \(text.string) is small")
      #expect(
        box.left >= 0 && box.right <= drawing.width && box.top >= 0 && box.bottom <= drawing.height,
        "\(file): \(text.string) leaves the drawing")
    }
    for (k, a) in drawing.texts.enumerated() {
      for b in drawing.texts[(k + 1)...] {
        let (x, y) = (a.box, b.box)
        #expect(
          x.right <= y.left || y.right <= x.left || x.bottom <= y.top || y.bottom <= x.top,
          "\(file): \(a.string) lies on \(b.string)")
      }
    }
  }

  // MARK: The numbers are the engine's

  private func expect(_ drawing: DrawnFile, shows numbers: some Sequence<Float>, _ digits: Int) {
    let wanted = numbers.map { fixed(Double($0), digits) }
    let strings = drawing.strings
    let isThere = strings.indices.contains { strings[$0...].prefix(wanted.count).elementsEqual(wanted) }
    #expect(isThere, "not there, one after the other: \(wanted)")
  }

  @Test func aWindowSlides() throws {
    let drawing = try drawn("convolution", "window.svg")
    let cells = drawing.strings.compactMap { Float($0.replacing("−", with: "-")) }
    let (image, kernel) = (
      Tensor(cells[0..<25], shape: [1, 1, 5, 5]), Tensor(cells[25..<34], shape: [1, 1, 3, 3])
    )
    let map = conv2d(Variable(image), Variable(kernel)).value
    expect(drawing, shows: map.scalars, 0)
    #expect(drawing.strings.last == fixed(Double(map[0, 0, 1, 1]), 0))
  }

  @Test func theChainRule() throws {
    let (a, b) = (Parameter(Tensor([3])), Parameter(Tensor([2])))
    ((a + b) * a).sum().backward()
    let strings = try drawn("fully-connected", "chain.svg").strings
    let gradients = [a, b].map { fixed(Double($0.gradient!.scalars[0]), 0) }
    #expect(
      strings.filter { $0.hasPrefix("gradient") }.prefix(2) == [
        "gradient \(gradients[0])", "gradient \(gradients[1])",
      ])
  }

  @Test func probabilities() throws {
    let drawing = try drawn("fully-connected", "softmax.svg")
    let scores = Variable(Tensor([0, 0, Float(log(3.0))], shape: [1, 3]))
    let loss = crossEntropy(scores, IntTensor([2], shape: [1])).value.scalars[0]
    #expect(drawing.strings.contains(fixed(Double(loss), 4)))
    for share in softmax(scores).value.scalars { #expect(drawing.strings.contains(fixed(Double(share), 1))) }
  }

  @Test func attention() throws {
    let scores = Tensor([0, 1, 2, 0, 2, 4, 0, 0, 0].map { Float(log(2.0)) * $0 }, shape: [3, 3])
    let weights = softmax(Variable(scores))
    let drawing = try drawn("choose-model", "head.svg")
    expect(drawing, shows: weights.value.scalars, 2)
    expect(drawing, shows: matmul(weights.value, Tensor([7, 14, 21], shape: [3, 1])).scalars, 0)
  }

  @Test func pooling() throws {
    let map = Parameter(Tensor([1, 3, 0, 2, 4, 2, 1, 0, 0, 1, 5, 6, 2, 0, 7, 3], shape: [1, 1, 4, 4]))
    let forward = try drawn("pooling", "pool.svg")
    let largest = maxPool2d(map, kernelSize: 2)
    expect(forward, shows: largest.value.scalars, 0)
    (largest * Variable(Tensor([10, 20, 30, 40], shape: [1, 1, 2, 2]))).sum().backward()
    expect(try drawn("pooling", "backward.svg"), shows: map.gradient!.scalars, 0)
  }

  @Test func theNeuron() throws {
    let (w, b) = (Parameter(Tensor([1, -1])), Parameter(Tensor([0.5])))
    let p = sigmoid((w * Variable(Tensor([2, 1.5]))).sum() + b)
    (-log(p)).sum().backward()
    let strings = try drawn("first-steps", "neuron.svg").strings
    let slopes = w.gradient!.scalars.map { fixed(Double($0), 4) }
    #expect(strings.contains("p = \(fixed(Double(p.value.scalars[0]), 4))"))
    #expect(strings.contains("dw1 = \(slopes[0])") && strings.contains("dw2 = \(slopes[1])"))
    #expect(strings.contains("db = \(fixed(Double(b.gradient!.scalars[0]), 4))"))
  }

  @Test func eightBits() throws {
    let strings = try drawn("optimize-model", "product.svg").strings
    #expect(strings.contains(fixed(0.8 * 0.6 - 0.2 * 1, 2)))
    #expect(strings.contains("= 14"))
  }
}
