import ArgumentParser
import Workbench

/// How many networks of each kind are trained.
struct SeedsOption: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "How many networks of each kind (default: 3; 1 with --quick, 5 with --full).")
  var seeds: Int?

  func validate() throws {
    try checkOption("--seeds", seeds, in: 1...1_000)
  }

  func values(_ common: CommonOptions) -> [UInt64] {
    let count = seeds ?? common.scale.of(quick: 1, standard: 3, full: 5)
    return (0..<count).map { common.seed &+ UInt64($0) }
  }
}
