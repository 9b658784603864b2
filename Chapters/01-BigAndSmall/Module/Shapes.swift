import Engine

extension Part {
  /// The shape of what the part makes of an input of shape `x`, for one example. Traps where the two do not fit.
  public func output(_ x: [Int]) -> [Int] {
    switch self {
    case .convolution(let i, let o, let k, let stride, let padding, _, _):
      expect(x.count == 3 && x[0] == i, x)
      return [o] + x.dropFirst().map { ($0 + 2 * padding - k) / stride + 1 }
    case .partialConvolution(let inputs, let k):
      expect(x.count == 3 && inputs.allSatisfy { $0 <= x[0] }, x)
      return [inputs.count] + x.dropFirst().map { $0 - k + 1 }
    case .subsampling(let channels, let k):
      expect(x.count == 3 && x[0] == channels, x)
      return [channels, x[1] / k, x[2] / k]
    case .pooling(let k, let stride, let padding):
      expect(x.count == 3, x)
      return [x[0]] + x.dropFirst().map { ($0 + 2 * padding - k) / stride + 1 }
    case .globalPooling:
      expect(x.count == 3, x)
      return [x[0], 1, 1]
    case .batchNorm(let channels):
      expect(x.first == channels, x)
      return x
    case .patches(let size):
      expect(x.count == 3, x)
      return [(x[1] / size) * (x[2] / size), x[0] * size * size]
    case .embedding(_, let width):
      expect(x.count == 1, x)
      return [x[0], width]
    case .classToken(let width):
      expect(x.count == 2 && x[1] == width, x)
      return [x[0] + 1, width]
    case .oneStep:
      expect(x.count == 2, x)
      return [x[1]]
    case .lstm(let i, let h), .gru(let i, let h):
      expect(x.count == 2 && x[1] == i, x)
      return [x[0], h]
    case .attention(let width, _, _, _, _, _):
      expect(x.count == 2 && x[1] == width, x)
      return x
    case .layerNorm(let width), .rmsNorm(let width):
      expect(x.last == width, x)
      return x
    case .linear(let i, let o, _):
      expect(x.last == i, x)
      return x.dropLast() + [o]
    case .flatten:
      return [x.reduce(1, *)]
    case .learned, .activation:
      return x
    case .row(let parts):
      return parts.output(x)
    case .residual(let body, let shortcut):
      let y = body.output(x)
      expect(shortcut.output(x) == y, x)
      return y
    case .product(let a, let b):
      let y = a.output(x)
      expect(b.output(x) == y, x)
      return y
    case .beside(_, let second):
      return second.output(x)
    case .borrowed(let part):
      return part.output(x)
    }
  }

  private func expect(_ fits: Bool, _ x: [Int]) {
    if !fits { trap("\(self): an input of shape \(x) does not fit") }
  }
}

extension [Part] {
  /// The shape after all parts, one after the other.
  public func output(_ x: [Int]) -> [Int] { reduce(x) { $1.output($0) } }

  /// The sum of what `count` says of each part and the shape that reaches it.
  func sum(_ x: [Int], _ count: (Part, [Int]) -> Int) -> Int {
    var (x, sum) = (x, 0)
    for part in self {
      sum += count(part, x)
      x = part.output(x)
    }
    return sum
  }
}
