import Engine
import Foundation
import Testing

/// Chapter 10's program as a user meets it, the user's mistakes included.
@Suite struct ChooseModelTests {
  @Test func aQuickRunOfEverything() throws {
    let folder = try TemporaryFolder()
    let outcome = try run("choose-model", "--quick", "--output", folder.file("out"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    for name in ["attention", "positions", "tasks", "growth", "gpt", "cache", "touch"] {
      #expect(FileManager.default.fileExists(atPath: folder.file("out/\(name)/results.json")), "\(name)")
    }
    // Section 10.2's numbers.
    let hand = try metrics(folder.file("out/attention/results.json"))
    for (name, value) in [
      ("hand.output_1", 17), ("hand.output_2", 19), ("hand.output_3", 14), ("hand_causal.output_1", 7),
      ("hand_causal.output_2", 12.6), ("hand_causal.output_3", 14),
    ] { #expect(abs(try #require(hand[name]) - value) < 1e-9, "\(name)") }
    // Without positions and without a mask, nobody knows the order.
    let order = try metrics(folder.file("out/positions/results.json"))
    #expect(try #require(order["reversed.neither"]) < 1e-12)
    #expect(try #require(order["reversed.mask"]) > 0.01)
    #expect(try #require(order["reversed.waves"]) > 0.01)
    let tasks = try metrics(folder.file("out/tasks/results.json"))
    for kind in ["bag", "cnn", "rnn", "gru", "lstm", "attention"] {
      for task in ["digits", "lists", "sentences"] {
        #expect(tasks["\(task).\(kind).accuracy"] != nil && tasks["\(task).\(kind).seconds"] != nil)
        #expect(try #require(tasks["\(task).\(kind).memory_mib"]) > 0)
      }
    }
    #expect(try #require(tasks["sentences.bag.accuracy"]) == 0.5)
    let cache = try metrics(folder.file("out/cache/results.json"))
    #expect(cache["same_16"] == 1 && cache["same_32"] == 1)
  }

  @Test func aGPTIsTrainedAndWritesTheSameWithAndWithoutTheCache() throws {
    let folder = try TemporaryFolder()
    let sizes = [
      "--blocks", "2", "--heads", "2", "--width", "16", "--context", "24", "--positions", "rotary",
    ]
    let trained = try run(
      "choose-model", ["gpt", "--quick", "--steps", "30", "--output", folder.file("run")] + sizes)
    #expect(trained.status == 0, "\(trained.errors)")
    let figures = try metrics(folder.file("run/results.json"))
    let losses = try ["uniform_loss", "unigram_loss", "bigram_loss"].map { try #require(figures[$0]) }
    #expect(losses == losses.sorted(by: >))
    #expect(try #require(figures["validation_loss"]) < losses[0])
    // Tied, without biases, without a table of places: V·D, 2·(12·D² + 2·D) and D.
    let characters = try #require(figures["characters"])
    #expect(figures["parameters"] == characters * 16 + 2 * (12 * 256 + 32) + 16)

    func write(_ arguments: String...) throws -> Outcome {
      try run(
        "choose-model", ["write", "The ", "--weights", folder.file("run"), "--characters", "70"] + arguments)
    }
    for options in [["--temperature", "0"], ["--temperature", "1.2", "--seed", "5"], ["--top-k", "3"]] {
      let with = try run(
        "choose-model",
        ["write", "The ", "--weights", folder.file("run"), "--characters", "70"] + options)
      let without = try run(
        "choose-model",
        ["write", "The ", "--weights", folder.file("run"), "--characters", "70", "--no-cache"] + options)
      #expect(with.status == 0, "\(with.errors)")
      #expect(with.output.hasPrefix("The ") && with.output.unicodeScalars.count == 75)
      #expect(with.output == without.output)
    }
    #expect(try write("--seed", "2").output != write("--seed", "3").output)
    let unknown = try run("choose-model", "write", "漢字", "--weights", folder.file("run"), "--characters", "5")
    #expect(unknown.errors.contains("note: 2 of 2 characters are unknown to this network"))
    let long = try run(
      "choose-model", "write", String(repeating: "a", count: 40), "--weights", folder.file("run"),
      "--characters", "5")
    #expect(long.errors.contains("the beginning has 40 characters; the network looks at its last 24"))
    let nothing = try run("choose-model", "write", "", "--weights", folder.file("run"))
    #expect(nothing.status == 1 && nothing.errors.contains("there is no beginning"))
  }

  @Test func aResumedGPTComesToTheSameWeights() throws {
    let folder = try TemporaryFolder()
    let options = [
      "gpt", "--quick", "--steps", "12", "--blocks", "1", "--heads", "1", "--width", "8", "--context", "8",
      "--dropout", "0.2",
    ]
    let checkpoint = folder.file("checkpoint.safetensors")
    let whole = try run(
      "choose-model", options + ["--checkpoint", checkpoint, "--output", folder.file("whole")])
    #expect(whole.status == 0, "\(whole.errors)")
    let again = try run(
      "choose-model", options + ["--resume", checkpoint, "--output", folder.file("again")])
    #expect(again.output.contains("This run had come to its end."), "\(again.errors)")
    let bytes = try ["whole", "again"].map {
      try FileContents.bytes(of: folder.file("\($0)/weights.safetensors"))
    }
    #expect(bytes[0] == bytes[1])
    let other = try run(
      "choose-model",
      options + ["--beta2", "0.95", "--resume", checkpoint, "--output", folder.file("other")])
    #expect(other.status == 1)
    #expect(other.errors.contains("--beta2: the checkpoint has 0.99, this run 0.95"), "\(other.errors)")
  }

  @Test(arguments: [
    (["gpt", "--heads", "3"], "--heads must divide --width: a width of 128 does not divide into 3 heads"),
    (["gpt", "--context", "0"], "--context must be from 1 to 65,536, given 0"),
    (["gpt", "--blocks", "0"], "--blocks must be from 1 to 64, given 0"),
    (["gpt", "--text", ""], "--text must name a file, given \"\""),
    (["gpt", "--steps", "0"], "--steps must be from 1 to 10,000,000, given 0"),
    (["gpt", "--warm-up", "3000"], "--warm-up must be from 0 to below the number of steps, given 3000"),
    (["gpt", "--learning-rate", "nan"], "--learning-rate must be a number above 0, given nan"),
    (["gpt", "--minimum-learning-rate", "1"], "--minimum-learning-rate must be from 0 to the learning rate"),
    (["gpt", "--beta2", "1"], "--beta2 must be from 0 to below 1, given 1.0"),
    (["gpt", "--dropout", "1"], "the dropout must be from 0 to below 1, given 1.0"),
    (
      ["gpt", "--positions", "rotary", "--width", "12", "--heads", "4"],
      "rotary positions turn pairs of numbers, and a head has 3"
    ),
    (["tasks", "--seeds", "0"], "--seeds must be from 1 to 1,000, given 0"),
    (["tasks", "--choose-rate", "--learning-rate", "1"], "one of them"),
    (["write", "a", "--temperature", "-1"], "--temperature must be a number from 0, given -1.0"),
    (["attention", "--text", " "], "--text must have from 1 to 40 words, given \" \""),
  ])
  func aWrongCommandLineExitsWithTwo(arguments: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try run("choose-model", arguments + ["--output", folder.file("out")])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  @Test(arguments: [
    ("", "the text has 0 characters; expected at least"),
    ("short", "the text has 5 characters; expected at least 73 for a context of 64"),
    (
      String(repeating: "ab", count: 35),
      "the text has 70 characters; expected at least 73 for a context of 64"
    ),
  ])
  func aTextThatIsTooShortIsRefusedInOneLine(text: String, message: String) throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Data(text.utf8), to: folder.file("short.txt"))
    let outcome = try run(
      "choose-model", "gpt", "--text", folder.file("short.txt"), "--output", folder.file("out"))
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("error: \(folder.file("short.txt")): \(message)"), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  /// The shortest text that is long enough.
  @Test func aTextThatIsJustLongEnoughIsLearned() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Data(String(repeating: "abcd", count: 19).utf8), to: folder.file("text.txt"))
    let outcome = try run(
      "choose-model", "gpt", "--steps", "2", "--width", "8", "--text", folder.file("text.txt"), "--output",
      folder.file("out"))
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func weightsOfAnotherKindAndNoneAreRefused() throws {
    let folder = try TemporaryFolder()
    let none = try run("choose-model", ["write", "a"], in: folder.path)
    #expect(none.status == 1 && none.errors.contains("there are no weights yet"), "\(none.errors)")
    try AtomicFile.write(Data("{}".utf8), to: folder.file("network.json"))
    let other = try run("choose-model", "write", "a", "--weights", folder.path)
    #expect(
      other.errors.contains("network.json: this is not the description of a network of this kind"),
      "\(other.errors)")
  }
}
