import Engine
import Foundation
import Testing

/// Chapter 7's program as a user meets it, its mistakes included.
@Suite struct TrainCNNTests {
  static let files = [
    "confusion-matrix.png", "feature-maps-conv1.png", "feature-maps-conv2.png", "kernels-conv1.png",
    "kernels-conv2.png", "learning-curves.svg", "log.csv", "loss-by-step.svg", "loss-curves.svg",
    "mistakes.png",
    "results.json",
    "weights.safetensors",
  ]

  @Test func aQuickRunLearnsAndLeavesAllItsFiles() throws {
    let folder = try TemporaryFolder()
    let outcome = try run("train-cnn", "--quick", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("454,922 parameters, 22.1 MFLOP an image"))
    #expect(outcome.output.contains("of the held-out digits read correctly"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == Self.files)
    let metrics = try metrics(folder.file("results.json"))
    #expect(metrics["accuracy"]! > 0.5)
    #expect(metrics["test_images"] == 400)
    let weights = try SafeTensors.read(folder.file("weights.safetensors"))
    #expect(
      Set(weights.names) == Set(["conv1", "conv2", "fc1", "fc2"].flatMap { ["\($0).weight", "\($0).bias"] }))
    #expect(try weights.tensor("fc1.weight").shape == [128, 3136])
  }

  @Test func theSameSeedGivesTheSameWeightsWithAnyNumberOfThreads() throws {
    let (a, b, c) = (try TemporaryFolder(), try TemporaryFolder(), try TemporaryFolder())
    _ = try run("train-cnn", "--quick", "--output", a.path, "--threads", "1")
    _ = try run("train-cnn", "--quick", "--output", b.path, "--threads", "3")
    _ = try run("train-cnn", "--quick", "--output", c.path, "--seed", "2")
    let bytes = try [a, b, c].map { try FileContents.bytes(of: $0.file("weights.safetensors")) }
    #expect(bytes[0] == bytes[1])
    #expect(bytes[0] != bytes[2])
  }

  @Test(arguments: [
    (["--epochs", "-1"], "--epochs must be at least 1, given -1"),
    (["--epochs", "many"], "The value 'many' is invalid for '--epochs"),
    (["--threads", "0"], "--threads must be from 1 to 1,024, given 0"),
    (["--batch-size", "0"], "--batch-size must be at least 1, given 0"),
    (["--learning-rate", "nan"], "--learning-rate must be a number above 0, given nan"),
    (["--learning-rate", "-0.1"], "--learning-rate must be a number above 0, given -0.1"),
    (["--split", "5"], "--split needs --data"),
    (["--output", ""], "--output must name a folder"),
    (["--no-such-option"], "Unknown option '--no-such-option'"),
  ])
  func aWrongCommandLineExitsWithTwo(arguments: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try run("train-cnn", ["--output", folder.file("out")] + arguments)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  @Test func helpHasExamples() throws {
    for arguments in [["--help"], ["train", "--help"]] {
      let outcome = try run("train-cnn", arguments)
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("EXAMPLES") && outcome.output.contains("--split"))
    }
  }

  @Test func anUnwritableOutputFolderIsSaidBeforeTraining() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("in the way", to: folder.file("file"))
    let outcome = try run("train-cnn", "--quick", "--output", folder.file("file") + "/out")
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors == """
        error: \(folder.file("file"))/out: nothing can be written there: \(folder.file("file")): this is a file.
               Name another folder with --output.

        """)
    let onFile = try run("train-cnn", "--quick", "--output", folder.file("file"))
    #expect(onFile.status == 1)
    #expect(
      onFile.errors.hasPrefix(
        "error: \(folder.file("file")): nothing can be written there: this is a file.\n"))
  }

  @Test func aLossThatRunsAwayStopsAndKeepsTheLastGoodWeights() throws {
    let folder = try TemporaryFolder()
    let outcome = try run("train-cnn", "--quick", "--learning-rate", "1e25", "--output", folder.path)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("of epoch 1: the weights have run away"), "\(outcome.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "log.csv", "weights-last-good.safetensors",
      ])
    let weights = try SafeTensors.read(folder.file("weights-last-good.safetensors"))
    #expect(try weights.tensor("conv1.weight").scalars.allSatisfy { $0.isFinite })
  }
}

extension TrainCNNTests {
  @Test func filesThatLeaveNothingToValidateWithAreRefused() throws {
    // So few in the first pair of files that none are left to validate with.
    let data = try mnist(11)
    for kind in ["images-idx3", "labels-idx1"] {
      try FileManager.default.copyItem(
        atPath: data.file("t10k-\(kind)-ubyte"), toPath: data.file("train-\(kind)-ubyte"))
    }
    for options in [["--epochs", "2"], ["--epochs", "2", "--patience", "1"], ["seeds"]] {
      let outcome = try run(
        "train-cnn",
        options.filter { !$0.hasPrefix("-") && Int($0) == nil } + ["--data", data.path]
          + options.filter { $0.hasPrefix("-") || Int($0) != nil } + ["--output", data.file("out")])
      #expect(outcome.status == 1)
      #expect(!(outcome.errors + outcome.output).contains("nan"), "\(outcome.errors)\(outcome.output)")
      #expect(
        outcome.errors.contains("train-images-idx3-ubyte: it has 11 images; expected 12 or more"),
        "\(outcome.errors)")
      #expect(!FileManager.default.fileExists(atPath: data.file("out/weights.safetensors")))
    }
  }

  @Test func everyStepIsInTheLog() throws {
    let folder = try TemporaryFolder()
    let outcome = try run(
      "train-cnn", "--quick", "--batch-size", "500", "--epochs", "2", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let rows = TrainingLog.rows(of: folder.file("log.csv"))
    #expect(rows.map(\.step) == Array(1...8) && rows.map(\.epoch) == [1, 1, 1, 1, 2, 2, 2, 2])
    let metrics = try metrics(folder.file("results.json"))
    #expect(rows.suffix(4).reduce(0) { $0 + $1.loss } / 4 == metrics["training_loss"])
    #expect(rows.last?.learningRate == 1e-3 / 8)
  }

  /// A folder with MNIST-format files of generated digits.
  private func mnist(_ count: Int, named prefix: String = "t10k") throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let digits = GeneratedDigits(seed: 8)
    try IDXFile.write(
      IDXImages(count: count, height: 28, width: 28, pixels: digits.images(at: 0..<count)),
      to: folder.file("\(prefix)-images-idx3-ubyte"))
    try IDXFile.write(
      labels: digits.labels(at: 0..<count).map(UInt8.init), to: folder.file("\(prefix)-labels-idx1-ubyte"))
    return folder
  }

  @Test func filesInMNISTsFormatAreRead() throws {
    let data = try mnist(500)
    let outcome = try run(
      "train-cnn", "--data", data.path, "--split", "400", "--epochs", "1", "--output", data.file("out"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let metrics = try metrics(data.file("out/results.json"))
    #expect(metrics["training_images"] == 400)
    #expect(metrics["validation_images"] == 25)
    #expect(metrics["test_images"] == 75)
  }

  @Test func oneLineSaysWhatIsWrongWithTheFiles() throws {
    func check(
      _ message: String, arguments: [String] = ["--split", "400"], damage: (TemporaryFolder) throws -> Void
    )
      throws
    {
      let data = try mnist(500)
      try damage(data)
      let outcome = try run("train-cnn", ["--data", data.path, "--output", data.file("out")] + arguments)
      #expect(outcome.status == 1)
      #expect(outcome.output.isEmpty)
      #expect(outcome.errors.hasPrefix("error: "))
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
      #expect(!FileManager.default.fileExists(atPath: data.file("out/results.json")))
    }
    let images = "t10k-images-idx3-ubyte"
    let labels = "t10k-labels-idx1-ubyte"
    func change(_ name: String, _ change: @escaping (inout [UInt8]) -> Void) -> (TemporaryFolder) throws ->
      Void
    {
      { folder in
        var bytes = try FileContents.bytes(of: folder.file(name))
        change(&bytes)
        try AtomicFile.write(bytes, to: folder.file(name))
      }
    }
    try check("nothing is left to test with", arguments: []) { _ in }
    try check("--split 500 does not fit", arguments: ["--split", "500"]) { _ in }
    try check("--split -3 does not fit", arguments: ["--split", "-3"]) { _ in }
    try check("no MNIST files") { folder in
      for name in [images, labels] { try FileManager.default.removeItem(atPath: folder.file(name)) }
    }
    try check(labels) { try FileManager.default.removeItem(atPath: $0.file(labels)) }
    try check("ends after", damage: change(images) { $0.removeLast(1000) })
    try check(images, damage: change(images) { $0[2] = 0x0D })
    try check(images, damage: change(images) { $0.removeAll() })
    try check(
      labels,
      damage: change(labels) { bytes in
        bytes[7] = UInt8(truncatingIfNeeded: 499)
        bytes[6] = 1
        bytes.removeLast()
      })
    try check("is not a digit", damage: change(labels) { $0[20] = 77 })
    try check(images) { folder in
      var packed = Gzip.packed(try FileContents.bytes(of: folder.file(images)))
      for i in packed.count / 2..<packed.count / 2 + 40 { packed[i] ^= 0x5A }
      try AtomicFile.write(packed, to: folder.file(images))
    }
    try check(images) { folder in
      let packed = Gzip.packed(try FileContents.bytes(of: folder.file(images)))
      try AtomicFile.write(packed.dropLast(300), to: folder.file(images))
    }
  }
}
