import Chapter04FullyConnected
import Engine

/// The weights that make one sum of a step's input and of the state before it: all that a plain recurrent network
/// learns, and a third of what a GRU does. Or, in the same form, the gradients of that.
///
///     a = x Wᵀ + b + h Uᵀ + c
///
/// Two biases where one would do: PyTorch has them, and in the GRU's candidate they are not the same.
///
/// - PyTorch: `weight_ih`, `bias_ih`, `weight_hh` and `bias_hh` of one gate.
/// - Book: section 5.1.
public struct StepWeights<Scalar: Real>: Sendable, Equatable {
  /// `W`, `[H, D]`: what is read of the input.
  public var w: Matrix<Scalar>
  /// `b`, `H` of them.
  public var b: [Scalar]
  /// `U`, `[H, H]`: what is read of the state.
  public var u: Matrix<Scalar>
  /// `c`, `H` of them.
  public var c: [Scalar]

  /// Traps when the sizes do not fit.
  public init(w: Matrix<Scalar>, b: [Scalar], u: Matrix<Scalar>, c: [Scalar]) {
    if u.rows != u.columns || w.rows != u.rows || b.count != u.rows || c.count != u.rows {
      fatalError(
        "StepWeights: W [\(w.rows), \(w.columns)], \(b.count) b, U [\(u.rows), \(u.columns)], \(c.count) c"
      )
    }
    (self.w, self.b, self.u, self.c) = (w, b, u, c)
  }

  public var inputSize: Int { w.columns }
  public var hiddenSize: Int { w.rows }
  public var parameterCount: Int { w.scalars.count + b.count + u.scalars.count + c.count }

  /// The same shapes, and 0 everywhere: where gradients are added up.
  public var zeros: Self {
    let none = [Scalar](repeating: 0, count: hiddenSize)
    return Self(
      w: Matrix(rows: w.rows, columns: w.columns), b: none, u: Matrix(rows: u.rows, columns: u.columns),
      c: none)
  }

  /// What the input adds to the sum, `x Wᵀ + b`.
  ///
  /// - Parameter x: `[N, D]`
  /// - Returns: `[N, H]`
  public func ofInput(_ x: Matrix<Scalar>) -> Matrix<Scalar> { linear(x, weight: w, bias: b) }

  /// What the state adds to the sum, `h Uᵀ + c`.
  ///
  /// - Parameter h: `[N, H]`
  /// - Returns: `[N, H]`
  public func ofState(_ h: Matrix<Scalar>) -> Matrix<Scalar> { linear(h, weight: u, bias: c) }

  /// The whole sum.
  public func sum(_ x: Matrix<Scalar>, _ h: Matrix<Scalar>) -> Matrix<Scalar> { ofInput(x) + ofState(h) }

  /// The way back through `ofInput`, which adds what belongs to W and b to `gradients`.
  ///
  /// - Parameter da: The gradient at the sum, `[N, H]`.
  /// - Returns: The gradient at the input, `[N, D]`.
  public func inputBackward(_ da: Matrix<Scalar>, input x: Matrix<Scalar>, addingTo gradients: inout Self)
    -> Matrix<Scalar>
  {
    let (dx, dw, db) = linearBackward(da, input: x, weight: w)
    gradients.w = gradients.w + dw
    for i in db.indices { gradients.b[i] += db[i] }
    return dx
  }

  /// The way back through `ofState`, which adds what belongs to U and c to `gradients`.
  ///
  /// - Parameter da: The gradient at the sum, `[N, H]`.
  /// - Returns: The gradient at the state, `[N, H]`.
  public func stateBackward(_ da: Matrix<Scalar>, state h: Matrix<Scalar>, addingTo gradients: inout Self)
    -> Matrix<Scalar>
  {
    let (dh, du, dc) = linearBackward(da, input: h, weight: u)
    gradients.u = gradients.u + du
    for i in dc.indices { gradients.c[i] += dc[i] }
    return dh
  }
}

extension StepWeights {
  /// First weights as PyTorch's recurrent layers have them: all even from `±1/√H`.
  public init(inputSize: Int, hiddenSize: Int, from stream: inout RandomStream) {
    let limit = 1 / Float(hiddenSize).squareRoot()
    func draw(_ rows: Int, _ columns: Int) -> Matrix<Scalar> {
      Matrix(stream.uniform(-limit..<limit, shape: [rows, columns]))
    }
    self.init(
      w: draw(hiddenSize, inputSize), b: draw(1, hiddenSize).scalars, u: draw(hiddenSize, hiddenSize),
      c: draw(1, hiddenSize).scalars)
  }

  /// One gate's rows of the engine's parameters, which hold all gates one below the other.
  ///
  /// - Parameter gate: Which, from 0; of a GRU 0 is reset, 1 update, 2 candidate.
  public init(_ parameters: RecurrentParameters, gate: Int) {
    let size = parameters.hiddenHidden.shape[1]
    let rows = gate * size..<(gate + 1) * size
    func matrix(_ variable: Variable) -> Matrix<Scalar> { Matrix(variable.value.sliced(rows, axis: 0)) }
    func vector(_ variable: Variable?) -> [Scalar] {
      variable?.value.scalars[rows].map { Scalar($0) } ?? [Scalar](repeating: 0, count: size)
    }
    self.init(
      w: matrix(parameters.inputHidden), b: vector(parameters.inputBias), u: matrix(parameters.hiddenHidden),
      c: vector(parameters.hiddenBias))
  }
}
