import Chapter01BigAndSmall
import Engine
import Workbench

/// Which networks the scaling experiment trains, and on how many digits.
struct ScalingPlan {
  /// Widths that the law of the parameters is fitted to, from small to large.
  var widths = [2, 3, 4, 5, 6, 8, 10]
  /// A width with ten times the parameters of the largest of them: the article's own.
  var largeWidth = 32
  /// The width with which the law of the digits is found, and the numbers of digits it is fitted to, from few to many.
  var dataWidth = 8
  var digits = [80, 160, 320, 640]
  /// So few digits that most of the networks are too large for them: one of those.
  var fewDigits = 320
  var seeds = 3
  var (validation, test) = (500, 2000)
  var recipe = ScalingRecipe()

  /// Ten times as many digits as the law of the digits is fitted to. The law of the parameters has them all.
  var manyDigits: Int { 10 * digits.last! }

  static let full = ScalingPlan()
  static let quick: ScalingPlan = {
    var plan = ScalingPlan()
    plan.widths = [2, 3, 4]
    plan.largeWidth = 13
    plan.dataWidth = 4
    plan.digits = [50, 100, 200]
    plan.fewDigits = 100
    plan.seeds = 2
    (plan.validation, plan.test) = (200, 500)
    plan.recipe.steps = 150
    return plan
  }()

  /// One training for each: every width with many digits, all but the largest with few, and one width with every number
  /// of digits.
  var runs: [(width: Int, digits: Int)] {
    var runs = (widths + [largeWidth]).map { (width: $0, digits: manyDigits) }
    runs += widths.map { (width: $0, digits: fewDigits) }
    runs += digits.filter { $0 != fewDigits }.map { (width: dataWidth, digits: $0) }
    return runs
  }
}

/// What came of all trainings.
struct ScalingRuns {
  private var runs: [[Int]: [ScalingRun]] = [:]

  /// Trains every network of the plan, once for each seed. Each seed has digits of its own, drawn once.
  init(_ plan: ScalingPlan, seed: UInt64) throws {
    let steps = plan.recipe.steps
    let progress = Progress("training", total: plan.runs.count * plan.seeds * steps, unit: "steps")
    var done = 0
    for seed in seed..<seed + UInt64(plan.seeds) {
      let data = ImageData.generatedDigits(
        training: plan.manyDigits, validation: plan.validation, test: plan.test,
        seed: seed)
      for run in plan.runs {
        runs[[run.width, run.digits], default: []].append(
          try ScalingRun(width: run.width, digits: run.digits, of: data, recipe: plan.recipe, seed: seed))
        done += steps
        progress.update(done, note: "width \(run.width), \(run.digits) digits")
      }
    }
    progress.finish()
  }

  /// One run for each seed.
  func callAsFunction(width: Int, digits: Int) -> [ScalingRun] { runs[[width, digits]] ?? [] }
}
