import Workbench

/// How long and how often networks are trained on the adding problem.
struct AddingPlan {
  /// The sequences' lengths, T.
  let lengths: [Int]
  let seeds: Int
  let steps: Int
  /// How many sequences a trained network is tested on.
  let testCount: UInt64

  static func of(_ scale: Scale) -> AddingPlan {
    scale.of(
      quick: AddingPlan(lengths: [10, 20], seeds: 2, steps: 40, testCount: 100),
      standard: AddingPlan(lengths: [50, 200], seeds: 2, steps: 700, testCount: 500),
      full: AddingPlan(lengths: [50, 200], seeds: 5, steps: 1_200, testCount: 1_000))
  }

  /// The error below which the problem counts as solved: 6 % of what always answering 1 gets.
  static let solved = 0.01

  /// One job for each seed.
  func jobs(_ contender: Contender, length: Int, firstSeed: UInt64) -> [AddingJob] {
    (0..<UInt64(seeds)).map {
      AddingJob(contender: contender, length: length, seed: firstSeed &+ $0, steps: steps)
    }
  }

  /// Of the shorter length, networks of each kind: what other experiments look at.
  func shortJobs(firstSeed: UInt64) -> [(contender: Contender, jobs: [AddingJob])] {
    Contender.oneOfEach.map { ($0, jobs($0, length: lengths[0], firstSeed: firstSeed)) }
  }
}
