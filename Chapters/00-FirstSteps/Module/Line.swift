/// A straight line, `y = w x + b`: the smallest model that learns. Its two numbers are its parameters.
///
///     var line = Line(w: 2, b: 1)
///     line(3)                     // 7
///
/// - PyTorch: `torch.nn.Linear(1, 1)`.
/// - Book: section 0.1.
public struct Line: Sendable, Equatable {
  /// How steep it is: by how much `y` grows when `x` grows by 1.
  public var w: Double
  /// Its height at `x = 0`.
  public var b: Double

  /// A line of its two parameters.
  public init(w: Double, b: Double) {
    self.w = w
    self.b = b
  }

  /// What the line predicts at `x`.
  public func callAsFunction(_ x: Double) -> Double { w * x + b }
}

extension Line {
  /// The loss: the mean of the squared errors over all examples.
  ///
  ///     L = 1/N Σₙ (w xₙ + b − tₙ)²
  ///
  /// - Parameters:
  ///   - x: What goes in, `[N]`.
  ///   - t: What should come out, `[N]`. Traps unless there are as many, at least one.
  /// - PyTorch: `torch.nn.functional.mse_loss`.
  /// - Book: section 0.1.
  public func loss(_ x: [Double], _ t: [Double]) -> Double {
    checkExamples("Line.loss", x.count, t.count)
    var sum = 0.0
    for (x, t) in zip(x, t) {
      let error = self(x) - t
      sum += error * error
    }
    return sum / Double(x.count)
  }

  /// The gradient of the loss: its slope along `w`, and its slope along `b`.
  ///
  ///     dw = 2/N Σₙ (w xₙ + b − tₙ) xₙ        db = 2/N Σₙ (w xₙ + b − tₙ)
  ///
  /// - PyTorch: what `loss.backward()` leaves in `w.grad` and `b.grad`.
  /// - Book: section 0.5.
  public func gradient(_ x: [Double], _ t: [Double]) -> (dw: Double, db: Double) {
    checkExamples("Line.gradient", x.count, t.count)
    var (dw, db) = (0.0, 0.0)
    for (x, t) in zip(x, t) {
      let error = self(x) - t
      dw += 2 * error * x
      db += 2 * error
    }
    return (dw / Double(x.count), db / Double(x.count))
  }

  /// A step downhill: each parameter moves against its slope.
  ///
  ///     w ← w − η dw        b ← b − η db
  ///
  /// - Parameters:
  ///   - gradient: The slopes along `w` and `b`.
  ///   - learningRate: `η`.
  /// - PyTorch: `torch.optim.SGD`'s `step()`.
  /// - Book: section 0.5.
  public mutating func step(against gradient: (dw: Double, db: Double), learningRate: Double) {
    w -= learningRate * gradient.dw
    b -= learningRate * gradient.db
  }
}

/// Traps when there are no examples, or not as many answers as questions.
func checkExamples(_ name: String, _ x: Int, _ t: Int) {
  if x != t || x == 0 {
    fatalError("\(name): \(x) inputs and \(t) targets: as many are needed, at least one")
  }
}
