import Foundation

/// One head of attention and one plain recurrent layer in loops of the same make, over numbers in a row: what is timed to
/// see how their costs grow.
///
/// The readable versions are `attentionHead` and chapter 5's recurrent layer; these differ from them in nothing but where
/// the numbers lie, so that a product costs the same in both.
///
/// - Book: section 10.8.
public enum FlatLoops {
  /// One head of attention: `2·n²·d` products, and `n²` exponentials.
  ///
  /// - Parameters: Queries, keys and values, `n·d` numbers each, step by step.
  /// - Returns: `n·d` numbers.
  public static func attention(_ q: [Float], _ k: [Float], _ v: [Float], n: Int, d: Int) -> [Float] {
    if [q.count, k.count, v.count] != [n * d, n * d, n * d] {
      fatalError(
        "FlatLoops.attention: \(q.count), \(k.count), \(v.count) numbers, \(n * d) of each are needed")
    }
    let scale = 1 / Float(d).squareRoot()
    var y = [Float](repeating: 0, count: n * d)
    var p = [Float](repeating: 0, count: n)
    for t in 0..<n {
      var largest = -Float.infinity
      for s in 0..<n {
        var sum: Float = 0
        for j in 0..<d { sum += q[t * d + j] * k[s * d + j] }
        p[s] = sum * scale
        largest = max(largest, p[s])
      }
      var total: Float = 0
      for s in 0..<n {
        p[s] = exp(p[s] - largest)
        total += p[s]
      }
      for s in 0..<n {
        let share = p[s] / total
        for j in 0..<d { y[t * d + j] += share * v[s * d + j] }
      }
    }
    return y
  }

  /// A plain recurrent layer, `hₜ = tanh(W xₜ + U hₜ₋₁)`: `2·n·d²` products, and `n·d` hyperbolic tangents.
  ///
  /// As in attention, one half of the products are summed up to one number each, and the other half are multiples of a row
  /// that are added to another: the processor does the second faster, and so neither layer has an advantage.
  ///
  /// - Parameters:
  ///   - x: `n·d` numbers, step by step.
  ///   - w: W, column by column, `d·d` numbers.
  ///   - u: U, row by row, `d·d` numbers.
  /// - Returns: The states, `n·d` numbers.
  public static func recurrence(_ x: [Float], _ w: [Float], _ u: [Float], n: Int, d: Int) -> [Float] {
    if [x.count, w.count, u.count] != [n * d, d * d, d * d] {
      fatalError("FlatLoops.recurrence: \(x.count), \(w.count), \(u.count) numbers for n = \(n), d = \(d)")
    }
    var y = [Float](repeating: 0, count: n * d)
    var h = [Float](repeating: 0, count: d)
    for t in 0..<n {
      for j in 0..<d {
        let number = x[t * d + j]
        for i in 0..<d { y[t * d + i] += number * w[j * d + i] }
      }
      for i in 0..<d {
        var sum: Float = 0
        for j in 0..<d { sum += u[i * d + j] * h[j] }
        y[t * d + i] = tanh(y[t * d + i] + sum)
      }
      for i in 0..<d { h[i] = y[t * d + i] }
    }
    return y
  }
}
