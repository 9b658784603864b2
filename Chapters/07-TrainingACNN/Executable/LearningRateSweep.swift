import Foundation

/// The search for a learning rate: the usual one, one about three times as large, one about a third; and on, as long as
/// the best is at an end.
struct LearningRateSweep {
  /// What was tried, with the loss that it came to; infinite where the weights ran away.
  private(set) var tried: [(rate: Double, loss: Double)] = []

  var best: (rate: Double, loss: Double) { tried.min { $0.loss < $1.loss }! }

  /// - Parameters:
  ///   - most: How many rates to try at most, at least three.
  ///   - loss: The loss on the validation part of a run with this rate.
  init(around usual: Double, most: Int, loss: (_ rate: Double) throws -> Double) rethrows {
    let middle = Int((log10(usual) * 2).rounded())
    func attempt(_ step: Int) throws -> (rate: Double, loss: Double) {
      let rate = Self.rate(step)
      return (rate, try loss(rate))
    }
    tried = try [middle - 1, middle, middle + 1].map(attempt)
    var (low, high) = (middle - 1, middle + 1)
    while tried.count < most {
      if best.rate == tried.last!.rate {
        high += 1
        tried.append(try attempt(high))
      } else if best.rate == tried.first!.rate {
        low -= 1
        tried.insert(try attempt(low), at: 0)
      } else {
        break
      }
    }
  }

  /// 1, 3, 10, 30 and so on: 10 to the power of `step` halves.
  static func rate(_ step: Int) -> Double {
    let exponent = Int((Double(step) / 2).rounded(.down))
    // By their decimal digits, so that 0.003 is that and not 0.0030000000000000001.
    return Double("\(step - 2 * exponent == 0 ? 1 : 3)e\(exponent)")!
  }
}
