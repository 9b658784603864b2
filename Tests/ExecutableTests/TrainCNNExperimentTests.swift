import Engine
import Foundation
import Testing

/// The other experiments of chapter 7's program.
@Suite struct TrainCNNExperimentTests {
  @Test func allExperimentsLeaveTheirFiles() throws {
    let folder = try TemporaryFolder()
    let outcome = try run("train-cnn", "all", "--quick", "--threads", "1", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    for (name, files) in [
      ("train", TrainCNNTests.files),
      ("optimizers", ["learning-curves.svg", "learning-rates.svg", "results.json"]),
      ("augmentation", ["augmented-digits.png", "results.json", "validation-loss.svg"]),
      ("seeds", ["learning-curves.svg", "loss-curves.svg", "results.json"]),
      ("regularize", ["results.json", "validation-loss.svg"]),
      ("batch-norm", ["learning-rates.svg", "results.json"]),
      ("depth", ["accuracy.svg", "gradients.svg", "results.json"]),
      ("sizes", ["results.json"]),
    ] {
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.file(name)).sorted() == files, "\(name)")
    }
    let optimizers = try metrics(folder.file("optimizers/results.json"))
    for name in ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"] {
      #expect(optimizers["\(name)_accuracy"] ?? -1 > 0 && optimizers["\(name)_step_ms"] ?? 0 > 0, "\(name)")
      // No step that ran away was chosen.
      #expect(optimizers["\(name)_loss"] ?? 9 < 2.4, "\(name)")
    }
    #expect(optimizers["adam_kept_per_weight"] == 2 && optimizers["seeds"] == 2)
    let augmentation = try metrics(folder.file("augmentation/results.json"))
    for name in ["none", "shift", "rotation", "elastic", "noise", "all"] {
      #expect(augmentation["\(name)_loss"] ?? 9 < 2.4, "\(name)")
    }
    #expect(augmentation["shift_training_loss"] != augmentation["none_training_loss"])
    let seeds = try metrics(folder.file("seeds/results.json"))
    #expect(seeds["accuracy"] ?? 0 > 0.3 && seeds["accuracy_deviation"] ?? 0 > 0 && seeds["seeds"] == 2)
    #expect(seeds["accuracy_lowest"] ?? 1 < seeds["accuracy_highest"] ?? 0)
    expectRegularized(try metrics(folder.file("regularize/results.json")))
    expectNormed(try metrics(folder.file("batch-norm/results.json")))
    expectDeep(try metrics(folder.file("depth/results.json")))
    expectSizes(try metrics(folder.file("sizes/results.json")))
  }

  private func expectRegularized(_ metrics: [String: Double]) {
    for name in ["none", "dropout", "coupled", "decoupled", "batchNorm", "shift", "double"] {
      #expect(metrics["\(name)_loss"] ?? 9 < 3 && metrics["\(name)_training_accuracy"] != nil, "\(name)")
      // Each method does something: seed by seed it comes to other weights.
      #expect((metrics["\(name)_loss"] == metrics["none_loss"]) == (name == "none"), "\(name)")
    }
    #expect(metrics["none_gain"] == 0 && metrics["none_gain_deviation"] == 0)
    #expect([0.3, 0.5, 0.7].contains(metrics["dropout_strength"]))
    #expect([0.001, 0.01, 0.1].contains(metrics["coupled_strength"]))
    #expect([1, 3, 10].contains(metrics["decoupled_strength"]))
    #expect(metrics["batchNorm_strength"] == nil && metrics["seeds"] == 2)
  }

  /// Weights of another size change a plain network's numbers, and not those of one with batch norm.
  private func expectNormed(_ metrics: [String: Double]) {
    #expect(metrics["plain_range"] ?? 0 >= 1 && metrics["normed_range"] ?? 0 >= 1)
    #expect(
      metrics["plain_large_fc1_deviation"] ?? 0 > 100 * (metrics["plain_usual_fc1_deviation"] ?? .infinity))
    for name in ["small", "usual", "large"] {
      #expect(abs((metrics["normed_\(name)_fc1_deviation"] ?? 0) - 1) < 0.01, "\(name)")
    }
    // Ten times the weights, a tenth of the gradient.
    let ratio = (metrics["normed_usual_gradient"] ?? 0) / (metrics["normed_large_gradient"] ?? 1)
    #expect(abs(ratio - 10) < 0.1, "\(ratio)")
  }

  private func expectDeep(_ metrics: [String: Double]) {
    for design in ["plain", "normed", "skips", "normedSkips"] {
      for depth in [2, 8] {
        #expect(metrics["\(design)_\(depth)_gradient"] ?? 0 > 0, "\(design) \(depth)")
        #expect(metrics["\(design)_\(depth)_accuracy"] != nil, "\(design) \(depth)")
      }
    }
    #expect(metrics["deepest"] == 8)
  }

  private func expectSizes(_ metrics: [String: Double]) {
    #expect(metrics["resnet18_parameters"] == 11_689_512 && metrics["resnet50_parameters"] == 25_557_032)
    #expect(metrics["resnet18_layers"] == 18 && metrics["resnet50_layers"] == 50)
    #expect(metrics["vgg16_parameters"] == nil)
    // Without biases, 27 and 49 for each pair of channels.
    #expect(metrics["stack_7_parameters"] == Double(3 * (9 * 64 * 64 + 64)))
    #expect(metrics["one_7_parameters"] == Double(49 * 64 * 64 + 64))
  }

  @Test func theTestCanBeAnotherFolders() throws {
    let folder = try TemporaryFolder()
    let digits = GeneratedDigits(seed: 8)
    try IDXFile.write(
      IDXImages(count: 50, height: 28, width: 28, pixels: digits.images(at: 0..<50)),
      to: folder.file("t10k-images-idx3-ubyte"))
    try IDXFile.write(
      labels: digits.labels(at: 0..<50).map(UInt8.init), to: folder.file("t10k-labels-idx1-ubyte"))
    let outcome = try run(
      "train-cnn", "--quick", "--test-data", folder.path, "--test-skip", "20", "--output", folder.file("out"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("of the 30 digits of the test files read correctly"))
    #expect(try metrics(folder.file("out/results.json"))["test_images"] == 30)
    let none = try run(
      "train-cnn", "--quick", "--test-data", folder.path, "--test-skip", "50", "--output", folder.file("out"))
    #expect(none.status == 1 && none.errors.contains("it has 50 images, and 50 are to be left out"))
  }

  @Test(arguments: [
    (["train", "--patience", "0"], "--patience must be at least 1, given 0"),
    (["train", "--optimizer", "lion"], "The value 'lion' is invalid for '--optimizer <optimizer>'"),
    (["train", "--augment", "zoom"], "The value 'zoom' is invalid for '--augment <augment>'"),
    (["train", "--test-skip", "5"], "--test-skip needs --test-data"),
    (["train", "--checkpoint-every", "-1"], "--checkpoint-every must be a number of seconds, given -1"),
    (["seeds", "--seeds", "0"], "--seeds must be at least 1, given 0"),
    (["optimizers", "--images", "0"], "--images must be at least 1, given 0"),
    (["augmentation", "--epochs", "0"], "--epochs must be at least 1, given 0"),
    (["regularize", "--seeds", "0"], "--seeds must be at least 1, given 0"),
    (["sizes", "--images", "5"], "Unknown option '--images'"),
    (["predict"], "Missing expected argument '<image.png>'"),
  ])
  func wrongOptions(arguments: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try run("train-cnn", arguments + ["--output", folder.file("out")])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  @Test func everySubcommandHasExamples() throws {
    for name in [
      "train", "optimizers", "augmentation", "seeds", "regularize", "batch-norm", "depth", "sizes", "predict",
      "all",
    ] {
      let outcome = try run("train-cnn", name, "--help")
      #expect(outcome.status == 0 && outcome.output.contains("EXAMPLES\n"), "\(name)")
    }
  }
}

/// Pictures of the learner's own.
@Suite struct TrainCNNPredictTests {
  @Test func aPictureIsReadWithProbabilities() throws {
    let folder = try TemporaryFolder()
    let trained = try run(
      "train-cnn", "--quick", "--epochs", "3", "--threads", "1", "--output", folder.file("run"))
    #expect(trained.status == 0, "\(trained.errors)")
    // Digits that the network has not seen, dark on light and twice as large.
    let digits = GeneratedDigits(seed: 77)
    var right = 0
    for index in 0..<10 {
      let image = digits.image(at: index)
      let bytes = (0..<56 * 56).map { (pixel: Int) -> UInt8 in
        let (row, column) = (pixel / 56 / 2, pixel % 56 / 2)
        return 255 - image[row * 28 + column]
      }
      try PNG(width: 56, height: 56, color: .gray, bytes: bytes).write(to: folder.file("a.png"))
      let outcome = try run(
        "train-cnn", "predict", folder.file("a.png"), "--weights", folder.file("run"), "--output",
        folder.file("out"))
      #expect(outcome.status == 0, "\(outcome.errors)")
      let metrics = try metrics(folder.file("out/results.json"))
      let probabilities = (0..<10).compactMap { metrics["probability_\($0)"] }
      #expect(probabilities.count == 10 && abs(probabilities.reduce(0, +) - 1) < 1e-5)
      let guess = Int(try #require(metrics["digit"]))
      #expect(probabilities[guess] == probabilities.max())
      #expect(outcome.output.contains("\nIt is \(guess == 8 ? "an" : "a") \(guess), by "))
      if guess == digits.label(at: index) { right += 1 }
    }
    #expect(right >= 7, "\(right) of 10")
    #expect(FileManager.default.fileExists(atPath: folder.file("out/prediction.png")))
    // On the left the ink on light paper that was given, beside it what the network saw, which is dark.
    let picture = try PNG(path: folder.file("out/prediction.png"), as: .gray)
    func panel(from left: Int) -> [Int] {
      (90..<258).flatMap { row in (left..<left + 168).map { Int(picture.bytes[row * picture.width + $0]) } }
    }
    let (given, seen) = (panel(from: 24), panel(from: 216))
    #expect(picture.width > 500 && picture.height > 258)
    #expect(given.reduce(0, +) > 160 * given.count && given.min()! < 96)
    #expect(seen.reduce(0, +) < 96 * seen.count && seen.max()! > 160)
  }

  @Test func whiteOnNothing() throws {
    // A thick L, white on transparent.
    let png = try #require(
      Data(
        base64Encoded:
          "iVBORw0KGgoAAAANSUhEUgAAABQAAAAUCAYAAACNiR0NAAAAKUlEQVR4nGP4//8/AzUxVQ0bNZB2BsLAqIGjBg4GA5HB"
          + "4DKQIjwCDQQAG8jFcwPQKz4AAAAASUVORK5CYII="))
    let folder = try TemporaryFolder()
    try AtomicFile.write(png, to: folder.file("a.png"))
    let digit = try DigitPicture(path: folder.file("a.png"))
    #expect(digit.image.count { $0 > 127 } > 40)
  }

  @Test func whatCannotBeReadIsSaid() throws {
    let folder = try TemporaryFolder()
    let gray = PNG(width: 30, height: 20, color: .gray, bytes: [UInt8](repeating: 90, count: 600))
    try gray.write(to: folder.file("empty.png"))
    try AtomicFile.write("text", to: folder.file("text.png"))
    try withRandomSource(RandomSource(seed: 1)) { Linear(inFeatures: 2, outFeatures: 2) }
      .writeWeights(to: folder.file("other.safetensors"))
    // Weights of the right shapes, as if from a training.
    var weights = NamedArrays()
    for (name, shape) in [
      ("conv1", [32, 1, 5, 5]), ("conv2", [64, 32, 5, 5]), ("fc1", [128, 3136]), ("fc2", [10, 128]),
    ] {
      weights["\(name).weight"] = StoredArray(Tensor.zeros(shape))
      weights["\(name).bias"] = StoredArray(Tensor.zeros([shape[0]]))
    }
    try SafeTensors.write(weights, to: folder.file("run/weights.safetensors"), creatingFolders: true)
    for (image, weights, message) in [
      ("empty.png", "run", "nothing is drawn in this picture"),
      ("text.png", "run", "this is not a PNG file"),
      ("none.png", "run", "there is no such file"),
      ("empty.png", "none", "there is no such file"),
      ("empty.png", "other.safetensors", "the arrays do not fit the network"),
    ] {
      let outcome = try run(
        "train-cnn", "predict", folder.file(image), "--weights", folder.file(weights), "--output",
        folder.file("out"))
      #expect(outcome.status == 1 && outcome.output.isEmpty, "\(image) \(weights)")
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
    }
  }
}
