import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Formats
import Foundation
import Workbench

/// One epoch of the article's CNN as a user meets it: a program that starts, learns and ends.
struct Epoch {
  static let name = "cnn-epoch"
  static let about = "one epoch over 10,000 images, batch 64, the whole process: seconds and peak memory"
  static let (images, batch) = (10_000, 64)

  /// What one process took.
  struct Run {
    let seconds: Double
    let peakMiB: Double
    /// Of the first steps.
    let losses: [Double]
  }

  private let file = NSTemporaryDirectory() + "bench-\(UUID().uuidString).safetensors"

  /// Writes the first weights and the images to a file, for both sides to begin from.
  init(seed: UInt64, images count: Int) throws {
    var arrays = NamedArrays()
    let model = withRandomSource(RandomSource(seed: seed)) { CNN() }
    for (name, tensor) in model.state { arrays["weights.\(name)"] = StoredArray(tensor) }
    let digits = GeneratedDigits(seed: seed)
    arrays["images"] = StoredArray(digits.images(at: 0..<count), shape: [count, 1, 28, 28])
    arrays["labels"] = StoredArray(IntTensor(digits.labels(at: 0..<count)))
    try SafeTensors.write(arrays, to: file)
  }

  func removeFile() { try? FileManager.default.removeItem(atPath: file) }

  /// Runs both sides in turn, ours first.
  func run(times: Int, beside peer: Peer.Command?) throws -> (ours: [Run], theirs: [Run]) {
    var (ours, theirs): ([Run], [Run]) = ([], [])
    for _ in 0..<times {
      let own = Process()
      own.executableURL = Bundle.main.executableURL
      own.arguments = [EpochProcess.configuration.commandName!, file, "--threads", "\(Parallel.threads)"]
      ours.append(try timed(own, "the engine's epoch"))
      if let peer {
        theirs.append(try timed(Peer.process(peer, ["\(Parallel.threads)", file]), "\(peer.name)'s epoch"))
      }
    }
    return (ours, theirs)
  }

  private func timed(_ process: Process, _ what: String) throws -> Run {
    let pipe = Pipe()
    process.standardOutput = pipe
    let watch = Stopwatch()
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let seconds = watch.seconds
    guard process.terminationStatus == 0,
      let answer = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
      let losses = answer["losses"] as? [Double], let peak = answer["peak_mib"] as? Double
    else { throw PeerProblem("\(what) ended with status \(process.terminationStatus) and no result") }
    return Run(seconds: seconds, peakMiB: peak, losses: losses)
  }
}

/// The engine's side of `Epoch`, in a process of its own: the same lines as the peer's. A `TrainingRun` would also count
/// right answers and keep a state to go back to, and then seconds and peak memory would not be those of the same work.
struct EpochProcess: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "epoch-process", shouldDisplay: false)

  @Argument var file: String
  @Option var threads: Int

  func run() throws {
    Parallel.threads = threads
    let arrays = try SafeTensors.read(file)
    let labels = try arrays.intTensor("labels").scalars
    let pixels = Array(try arrays.array("images").bytes)
    let digits = ImageSet(pixels: pixels, labels: labels, height: 28, width: 28, classCount: 10)
    let model = CNN()
    try model.load(
      arrays.names.filter { $0.hasPrefix("weights.") }
        .map { ($0.replacing("weights.", with: "", maxReplacements: 1), try arrays.tensor($0)) })
    let optimizer = Adam(model.parameters)
    var losses: [Double] = []
    for places in Batches(of: digits.count, batchSize: Epoch.batch) {
      let (images, target) = digits.batch(Array(places))
      let loss = crossEntropy(model(Variable(images)), target)
      optimizer.step(on: loss)
      losses.append(Double(loss.scalar))
    }
    let answer: [String: Any] = ["losses": Array(losses.prefix(5)), "peak_mib": Machine.peakMemoryMiB]
    print(String(decoding: try JSONSerialization.data(withJSONObject: answer), as: UTF8.self))
  }
}
