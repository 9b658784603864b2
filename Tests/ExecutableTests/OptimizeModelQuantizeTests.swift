import Engine
import Foundation
import Testing

/// Chapter 12's experiment on eight bits, and the command that reads a digit with them.
@Suite struct OptimizeModelQuantizeTests {
  @Test func aQuickRunLeavesAllItsFilesAndReadsADigit() throws {
    let folder = try TemporaryFolder()
    let outcome = try run("optimize-model", "quantize", "--quick", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "bits.svg", "cnn.safetensors", "large-channel.svg", "ranges.svg", "results.json", "speed.svg",
      ])
    let figures = try metrics(folder.file("results.json"))
    for name in [
      "float32.accuracy", "int8.accuracy", "size_ratio", "generation_speedup", "lstm_speedup",
      "channel.32.tensor_accuracy", "bits.3.trained_accuracy", "forms.fixed_error.accuracy", "gpt.int8",
    ] { #expect(try #require(figures[name], "\(name)").isFinite) }
    // What does not depend on how well it learned.
    #expect(figures["reloaded_same"] == 1)
    #expect(try #require(figures["cnn.size_ratio"]) > 3.9 && #require(figures["cnn.memory_ratio"]) > 3.9)
    #expect(try #require(figures["gpt.size_ratio"]) > 3.5 && #require(figures["gpt.memory_ratio"]) > 3.5)
    #expect(try #require(figures["lstm.size_ratio"]) > 3.5 && #require(figures["lstm.memory_ratio"]) > 3.5)
    #expect(try abs(#require(figures["gpt.int8"]) - #require(figures["gpt.float32"])) < 0.01)
    // The error of the other channels is where theory has it.
    let (error, theory) = try (
      #require(figures["channel.32.error"]), #require(figures["channel.32.theory"])
    )
    #expect(abs(error / theory - 1) < 0.15)
    #expect(try SafeTensors.read(folder.file("cnn.safetensors")).array("fc1.weight").scalarType == .int8)

    // A digit, read with the weights that the run left.
    let digit = ImageSet.generatedDigits(count: 1, seed: 3).batch([0]).images.scalars
    var canvas = Canvas(width: 56, height: 56)
    for y in 0..<56 {
      for x in 0..<56 {
        let ink = UInt8(255 - 255 * digit[y / 2 * 28 + x / 2])
        canvas[x, y] = Color(ink, ink, ink)
      }
    }
    try canvas.writePNG(to: folder.file("digit.png"))
    let read = try run(
      "optimize-model", "predict", folder.file("digit.png"), "--weights", folder.file("cnn.safetensors"),
      "--output", folder.file("read"))
    #expect(read.status == 0, "\(read.errors)")
    #expect(read.output.contains("What the network takes it for"))
    let answer = try metrics(folder.file("read/results.json"))
    #expect((0...9).contains(try #require(answer["digit"])))
    #expect(abs((0..<10).reduce(0) { $0 + (answer["probability_\($1)"] ?? 0) } - 1) < 1e-5)
  }

  @Test func calibrationImagesOfAnotherShapeAreRefusedInOneLine() throws {
    let folder = try TemporaryFolder()
    func errors(_ images: Tensor) throws -> String {
      try NPYFile.write(images, to: folder.file("images.npy"))
      let outcome = try run(
        "optimize-model", "quantize", "--quick", "--calibration", folder.file("images.npy"), "--output",
        folder.file("out"))
      #expect(outcome.status == 1 && outcome.output.isEmpty)
      #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
      return outcome.errors
    }
    let shape = try errors(Tensor.zeros([4, 1, 32, 32]))
    #expect(
      shape.hasSuffix(
        "images.npy: the images have the shape [4, 1, 32, 32]; expected [N, 1, 28, 28], what the network reads.\n"
      ),
      "\(shape)")
    #expect(shape.split(separator: "\n").count == 1)
    let ink = try errors(Tensor.ones([1, 1, 28, 28]) * 255)
    #expect(ink.contains("the numbers go from 255 to 255; expected ink from 0 to 1."), "\(ink)")
    let missing = try run("optimize-model", "quantize", "--quick", "--calibration", folder.file("none.npy"))
    #expect(missing.status == 1 && missing.errors.contains("none.npy"))
  }

  /// Weights in floats are none in eight bits, and say so.
  @Test func otherWeightsAreRefused() throws {
    let folder = try TemporaryFolder()
    try Linear(inFeatures: 2, outFeatures: 2).writeWeights(to: folder.file("weights.safetensors"))
    let outcome = try run(
      "optimize-model", "predict", "digit.png", "--weights", folder.file("weights.safetensors"))
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("the arrays do not fit the network"), "\(outcome.errors)")
    #expect(outcome.errors.contains("missing: conv1.weight"))
  }
}
