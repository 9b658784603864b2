import Engine
import Foundation

/// What a range test has seen: the loss of one short run in which the learning rate grows at every step.
///
/// - Source: Smith, "Cyclical learning rates for training neural networks", 2017, section 3.3.
/// - Book: section 11.1.
public struct RangeTest: Sendable, Equatable {
  /// The rate of each step.
  public let rates: [Double]
  /// The loss of each step's batch, before the step was made.
  public let losses: [Double]
  /// The losses without most of their noise: see `smoothed(_:)`.
  public let smooth: [Double]

  /// Traps unless there is a loss for each rate.
  ///
  /// - Parameter memory: `β` of the smoothing.
  public init(rates: [Double], losses: [Double], memory: Double = 0.9) {
    if rates.count != losses.count || rates.isEmpty {
      fatalError("RangeTest: \(rates.count) rates and \(losses.count) losses")
    }
    (self.rates, self.losses) = (rates, losses)
    smooth = Self.smoothed(losses, memory: memory)
  }

  /// A running mean that forgets: `mᵢ = β mᵢ₋₁ + (1 − β) xᵢ`, over `1 − βⁱ`, because it begins at 0.
  public static func smoothed(_ x: [Double], memory: Double) -> [Double] {
    var (mean, weight) = (0.0, 0.0)
    return x.map { value in
      mean = memory * mean + (1 - memory) * value
      weight = memory * weight + (1 - memory)
      return mean / weight
    }
  }

  /// The place of the smallest smooth loss.
  public var lowest: Int { smooth.indices.min { smooth[$0] < smooth[$1] }! }

  /// The rate at which the loss falls fastest, taken over equal factors of the rate, before it is lowest.
  public var steepest: Double {
    let reach = max(2, rates.count / 30)
    let places = Array(rates.indices.dropFirst(reach).prefix { $0 + reach < max(lowest, 2 * reach + 1) })
    func slope(_ i: Int) -> Double {
      (smooth[i + reach] - smooth[i - reach]) / log(rates[i + reach] / rates[i - reach])
    }
    guard let place = places.min(by: { slope($0) < slope($1) }) else { return rates[lowest] }
    return rates[place]
  }

  /// The first rate past the lowest loss with which the loss is worse than at the beginning, or no number; nil where that
  /// was not reached.
  public var diverging: Double? {
    rates.indices.dropFirst(lowest).first { !(smooth[$0] <= smooth[0]) }.map { rates[$0] }
  }
}

/// Runs a range test: one pass in which the rate grows from `low` to `high` by the same factor at each step.
///
/// It ends early where the loss is four times the first, or no number.
///
/// - Parameters:
///   - makeOptimizer: Makes the optimiser of the parameters for a rate.
///   - model: Makes the network; its first weights come from `seed`.
/// - Throws: What the task throws.
public func rangeTest<Task: TrainingTask>(
  _ task: Task, from low: Double, to high: Double, steps: Int, batchSize: Int, seed: UInt64,
  optimizer makeOptimizer: ([Parameter], _ rate: Double) -> any Optimizer, model: () -> Task.Model
) throws -> RangeTest {
  let source = RandomSource(seed: seed)
  let model = withRandomSource(source, model)
  let optimizer = makeOptimizer(model.parameters, low)
  var (rates, losses) = ([Double](), [Double]())
  var (epoch, batches) = (0, [ArraySlice<Int>]())
  while rates.count < steps {
    if batches.isEmpty {
      epoch += 1
      batches = task.batches(epoch: epoch, batchSize: batchSize, seed: seed).reversed()
    }
    let rate = low * pow(high / low, Double(rates.count) / Double(max(1, steps - 1)))
    optimizer.learningRate = rate
    let batch = try task.batch(batches.removeLast(), epoch: epoch)
    let step = withRandomSource(source) { task.step(model, on: batch) }
    let loss = Double(step.loss.scalar)
    rates.append(rate)
    losses.append(loss.isFinite ? loss : 4 * (losses.first ?? 1))
    if !(loss < 4 * losses[0]) && losses.count > 1 { break }
    optimizer.clearGradients()
    step.loss.backward()
    optimizer.step()
  }
  return RangeTest(rates: rates, losses: losses)
}
