import Engine
import Foundation
import Testing

/// Chapter 8's program as a user meets it, the user's mistakes included.
@Suite struct TrainRNNTests {
  @Test func aQuickRunLeavesAllItsFilesAndPredictReadsThem() throws {
    let folder = try TemporaryFolder()
    let trained = try run("train-rnn", "--quick", "--output", folder.file("run"))
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.output.contains("of the held-out texts told correctly"))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("run")).sorted()
    for name in [
      "confusion-matrix.png", "learning-curves.svg", "log.csv", "loss-curves.svg", "network.json",
      "results.json",
      "weights.safetensors",
    ] { #expect(names.contains(name), "\(name) of \(names)") }
    let figures = try metrics(folder.file("run/results.json"))
    #expect(figures["test_texts"] == 400)
    #expect(figures["majority_accuracy"] == 0.5)
    // The two of a pair have the same words: see SentenceCorpus.
    #expect(figures["bag_of_words_accuracy"] == 0.5)
    #expect(figures["accuracy"] != nil)

    let text = "The film was not boring but wonderful, Zaphod."
    let predicted = try run(
      "train-rnn", "predict", text, "--weights", folder.file("run"), "--output", folder.file("p"))
    #expect(predicted.status == 0, "\(predicted.errors)")
    #expect(predicted.errors.contains("note: 1 of 10 words are unknown to this network: “zaphod”"))
    let shares = try metrics(folder.file("p/results.json"))
    #expect(abs(shares["probability_0"]! + shares["probability_1"]! - 1) < 1e-5)
    let again = try run(
      "train-rnn", "predict", text, "--weights", folder.file("run/weights.safetensors"), "--output",
      folder.file("q"))
    #expect(try metrics(folder.file("q/results.json")) == shares, "\(again.errors)")
  }

  @Test func theSameSeedGivesTheSameWeightsWithAnyNumberOfThreads() throws {
    let (a, b, c) = (try TemporaryFolder(), try TemporaryFolder(), try TemporaryFolder())
    _ = try run("train-rnn", "--quick", "--output", a.path, "--threads", "1")
    _ = try run("train-rnn", "--quick", "--output", b.path, "--threads", "3")
    _ = try run("train-rnn", "--quick", "--output", c.path, "--seed", "2")
    let bytes = try [a, b, c].map { try FileContents.bytes(of: $0.file("weights.safetensors")) }
    #expect(bytes[0] == bytes[1])
    #expect(bytes[0] != bytes[2])
  }

  @Test func aLanguageModelIsTrainedAndWrites() throws {
    let folder = try TemporaryFolder()
    let trained = try run("train-rnn", "language-model", "--quick", "--output", folder.file("run"))
    #expect(trained.status == 0, "\(trained.errors)")
    let figures = try metrics(folder.file("run/results.json"))
    let losses = try ["uniform_loss", "unigram_loss", "bigram_loss"].map { try #require(figures[$0]) }
    #expect(losses == losses.sorted(by: >))
    #expect(try #require(figures["validation_loss"]) < losses[0])

    func write(_ arguments: String...) throws -> Outcome {
      try run(
        "train-rnn", ["write", "The ", "--weights", folder.file("run"), "--characters", "50"] + arguments)
    }
    let greedy = try write("--temperature", "0")
    #expect(greedy.status == 0, "\(greedy.errors)")
    #expect(greedy.output.hasPrefix("The ") && greedy.output.unicodeScalars.count == 55)
    #expect(try write("--temperature", "0", "--seed", "9").output == greedy.output)
    #expect(try write("--temperature", "1", "--seed", "9").output != write("--temperature", "1").output)
    #expect(try write("--top-k", "1", "--temperature", "1").output == greedy.output)
    let unknown = try run("train-rnn", "write", "漢字", "--weights", folder.file("run"), "--characters", "5")
    #expect(unknown.errors.contains("note: 2 of 2 characters are unknown to this network"))
    let wrong = try run("train-rnn", "predict", "a text", "--weights", folder.file("run"))
    #expect(wrong.status == 1)
    #expect(wrong.errors.contains("network.json: this is not the description of a network of this kind."))
  }

  @Test(arguments: [
    (["--epochs", "0"], "--epochs must be at least 1, given 0"),
    (["--hidden-size", "0"], "--hidden-size must be from 1 to 2,048, given 0"),
    (["--layers", "99"], "--layers must be from 1 to 8, given 99"),
    (["--learning-rate", "nan"], "--learning-rate must be a number above 0, given nan"),
    (["--clip", "-1"], "--clip must be a number from 0, given -1"),
    (["--words", "5"], "need --data"), (["--data", ""], "--data must name a file, given \"\""),
    (["write", "a", "--temperature", "-0.5"], "--temperature must be a number from 0, given -0.5"),
    (["write", "a", "--top-k", "0"], "--top-k must be at least 1, given 0"),
    (["language-model", "--steps", "0"], "--steps must be from 1 to 4,096, given 0"),
    (["padding", "--seeds", "0"], "--seeds must be from 1 to 1,000, given 0"),
  ])
  func aWrongCommandLineExitsWithTwo(arguments: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try run("train-rnn", arguments + ["--output", folder.file("out")])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  @Test(arguments: [
    ("a\tone\nb two\n", "line 2: there is no tab; expected a label, a tab and a text."),
    ("a\tone\nb\t\n", "line 2: there is no text after the tab; expected a label, a tab and a text."),
    ("a\tone\na\ttwo\n", "line 1: all 2 lines, from this one on, have the label \"a\""),
    ("a\tone\na\ttwo\na\tthree\nb\tone more\n", "line 4: the class \"b\" has 1 text"),
    ("", "the file is empty"),
  ])
  func aFileThatCannotBeUsedIsRefusedInOneLine(text: String, message: String) throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Data(text.utf8), to: folder.file("texts.tsv"))
    let outcome = try run(
      "train-rnn", "--data", folder.file("texts.tsv"), "--output", folder.file("out"))
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("error: \(folder.file("texts.tsv")): \(message)"), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  @Test func textsThatAreNoUTF8OrTooShortAreRefused() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([UInt8]("a\tb\nc\t".utf8) + [0xC3, 0x28], to: folder.file("broken.tsv"))
    let broken = try run("train-rnn", "--data", folder.file("broken.tsv"), "--output", folder.file("out"))
    #expect(broken.errors.contains("broken.tsv: line 2: this is not UTF-8 text"))
    try AtomicFile.write(Data("short".utf8), to: folder.file("short.txt"))
    let short = try run(
      "train-rnn", "language-model", "--text", folder.file("short.txt"), "--output", folder.file("out"))
    #expect(short.status == 1)
    #expect(
      short.errors.contains("short.txt: the text has 5 characters; expected at least"), "\(short.errors)")
    let empty = try run("train-rnn", "predict", " ", "--output", folder.file("out"))
    #expect(empty.status == 1 && empty.errors.contains("the text has no words"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  /// A small file of one's own, with a long line and Windows' line ends, and resumed after an interruption.
  @Test func aFileOfOnesOwnIsLearnedAndResumed() throws {
    let folder = try TemporaryFolder()
    let long = String(repeating: "word ", count: 200_000)
    let lines = (0..<60).map {
      "\($0 % 2 == 0 ? "cold" : "warm")\tday \($0) was \($0 % 2 == 0 ? "icy" : "hot")"
    }
    try AtomicFile.write(
      Data(("\u{FEFF}" + (lines + ["cold\t" + long]).joined(separator: "\r\n") + "\r\n").utf8),
      to: folder.file("days.tsv"))
    let options = ["--data", folder.file("days.tsv"), "--hidden-size", "8", "--batch-size", "8"]
    let whole = try run(
      "train-rnn", options + ["--epochs", "4", "--output", folder.file("whole")])
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(whole.output.contains("1 text has more than 200 words, of which the first 200 are read"))
    let checkpoint = folder.file("checkpoint.safetensors")
    let first = try run(
      "train-rnn", options + ["--epochs", "2", "--checkpoint", checkpoint, "--output", folder.file("first")])
    #expect(first.status == 0, "\(first.errors)")
    let other = try run(
      "train-rnn",
      options + ["--epochs", "2", "--seed", "4", "--resume", checkpoint, "--output", folder.file("other")])
    #expect(other.status == 1)
    #expect(other.errors.contains("--seed: the checkpoint has 1, this run 4"), "\(other.errors)")
  }
}
