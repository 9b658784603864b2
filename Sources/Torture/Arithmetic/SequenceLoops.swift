/// LSTM, GRU and attention as they are written, over any type of number; see `Loops` and `Bounded`.
enum SequenceLoops {
  struct Lengths { var steps, batch, width, hidden: Int }

  /// A matrix as wide as `x` is long, times `x`.
  private static func product<S: Elementary>(_ w: [S], _ x: ArraySlice<S>) -> [S] {
    let columns = x.count
    return (0..<w.count / columns).map { i in
      var sum: S = 0
      for (j, number) in x.enumerated() { sum += w[i * columns + j] * number }
      return sum
    }
  }

  /// Adds `wᵀ d` to the `columns` numbers from `at` on.
  private static func addBack<S: Elementary>(_ w: [S], _ d: [S], to: inout [S], at: Int, _ columns: Int) {
    for (i, d) in d.enumerated() {
      for j in 0..<columns { to[at + j] += w[i * columns + j] * d }
    }
  }

  /// Adds `d xᵀ`.
  private static func addOuter<S: Elementary>(_ d: [S], _ x: ArraySlice<S>, to: inout [S]) {
    for (i, d) in d.enumerated() {
      for (j, number) in x.enumerated() { to[i * x.count + j] += d * number }
    }
  }

  /// `y`, `dx`, `dW_ih`, `dW_hh` of an LSTM without biases that begins with zeros.
  static func lstm<S: Elementary>(_ g: Lengths, x: [S], w: [S], u: [S], dy: [S]) -> [[S]] {
    recurrent(g, x: x, w: w, u: u, dy: dy) { sequence in
      let hidden = g.hidden
      var (h, c) = ([S](repeating: 0, count: hidden), [S](repeating: 0, count: hidden))
      var steps: [(i: [S], f: [S], g: [S], o: [S], c: [S], h: [S])] = []
      for x in sequence {
        let (a, b) = (product(w, x), product(u, h[...]))
        func gate(_ number: Int, _ f: (S) -> S) -> [S] {
          (0..<hidden).map { f(a[number * hidden + $0] + b[number * hidden + $0]) }
        }
        let (i, f, n, o) = (gate(0, S.sigmoid), gate(1, S.sigmoid), gate(2, S.tanh), gate(3, S.sigmoid))
        steps.append((i, f, n, o, c, h))
        for k in 0..<hidden {
          c[k] = f[k] * c[k] + i[k] * n[k]
          h[k] = o[k] * S.tanh(c[k])
        }
      }
      steps.append(([], [], [], [], c, h))
      var dc = [S](repeating: 0, count: hidden)
      return (
        steps.map(\.h),
        { t, dh in
          let s = steps[t]
          var d = [S](repeating: 0, count: 4 * hidden)
          for k in 0..<hidden {
            let tanhC = S.tanh(steps[t + 1].c[k])
            dc[k] += dh[k] * s.o[k] * (1 - tanhC * tanhC)
            d[k] = dc[k] * s.g[k] * s.i[k] * (1 - s.i[k])
            d[hidden + k] = dc[k] * s.c[k] * s.f[k] * (1 - s.f[k])
            d[2 * hidden + k] = dc[k] * s.i[k] * (1 - s.g[k] * s.g[k])
            d[3 * hidden + k] = dh[k] * tanhC * s.o[k] * (1 - s.o[k])
            dc[k] *= s.f[k]
          }
          return (d, d, [S](repeating: 0, count: hidden))
        }
      )
    }
  }

  /// The same of a GRU.
  static func gru<S: Elementary>(_ g: Lengths, x: [S], w: [S], u: [S], dy: [S]) -> [[S]] {
    recurrent(g, x: x, w: w, u: u, dy: dy) { sequence in
      let hidden = g.hidden
      var h = [S](repeating: 0, count: hidden)
      var steps: [(r: [S], z: [S], q: [S], n: [S], h: [S])] = []
      for x in sequence {
        let (a, b) = (product(w, x), product(u, h[...]))
        let r = (0..<hidden).map { S.sigmoid(a[$0] + b[$0]) }
        let z = (hidden..<2 * hidden).map { S.sigmoid(a[$0] + b[$0]) }
        let q = Array(b[(2 * hidden)...])
        let n = (0..<hidden).map { S.tanh(a[2 * hidden + $0] + r[$0] * q[$0]) }
        steps.append((r, z, q, n, h))
        for k in 0..<hidden { h[k] = (1 - z[k]) * n[k] + z[k] * h[k] }
      }
      steps.append(([], [], [], [], h))
      return (
        steps.map(\.h),
        { t, dh in
          let s = steps[t]
          var d = [S](repeating: 0, count: 3 * hidden)
          var (e, direct) = (d, dh)
          for k in 0..<hidden {
            let dn = dh[k] * (1 - s.z[k]) * (1 - s.n[k] * s.n[k])
            d[2 * hidden + k] = dn
            e[2 * hidden + k] = dn * s.r[k]
            d[k] = dn * s.q[k] * s.r[k] * (1 - s.r[k])
            d[hidden + k] = dh[k] * (s.h[k] - s.n[k]) * s.z[k] * (1 - s.z[k])
            e[k] = d[k]
            e[hidden + k] = d[hidden + k]
            direct[k] = dh[k] * s.z[k]
          }
          return (d, e, direct)
        }
      )
    }
  }

  /// One step backward: from `dh`, the gradients at the sums with `x` and with `h`, and what reaches the state before
  /// by itself.
  private typealias Backward<S> = (_ step: Int, _ dh: [S]) -> (x: [S], h: [S], direct: [S])

  /// `run` takes one sequence forward and gives all states, the first among them, and its way back.
  private static func recurrent<S: Elementary>(
    _ g: Lengths, x: [S], w: [S], u: [S], dy: [S],
    _ run: ([ArraySlice<S>]) -> (states: [[S]], backward: Backward<S>)
  ) -> [[S]] {
    var results = [dy.count, x.count, w.count, u.count].map { [S](repeating: 0, count: $0) }
    for n in 0..<g.batch {
      func place(_ t: Int, _ width: Int) -> Int { (t * g.batch + n) * width }
      let sequence = (0..<g.steps).map { x[place($0, g.width)..<place($0, g.width) + g.width] }
      let (states, backward) = run(sequence)
      var dh = [S](repeating: 0, count: g.hidden)
      for t in (0..<g.steps).reversed() {
        for k in 0..<g.hidden {
          results[0][place(t, g.hidden) + k] = states[t + 1][k]
          dh[k] += dy[place(t, g.hidden) + k]
        }
        let (d, e, direct) = backward(t, dh)
        addBack(w, d, to: &results[1], at: place(t, g.width), g.width)
        addOuter(d, sequence[t], to: &results[2])
        addOuter(e, states[t][...], to: &results[3])
        dh = direct
        addBack(u, e, to: &dh, at: 0, g.hidden)
      }
    }
    return results
  }

  /// `y`, `dq`, `dk`, `dv` of attention: `heads` times `steps` queries and keys, `width` numbers wide.
  static func attention<S: Elementary>(
    heads: Int, steps: Int, width: Int, q: [S], k: [S], v: [S], dy: [S]
  ) -> [[S]] {
    var results = [[S]](repeating: [S](repeating: 0, count: q.count), count: 4)
    let scale = 1 / S(exactly: width)!.squareRoot()
    for head in 0..<heads {
      func row(_ t: Int) -> Range<Int> { (head * steps + t) * width..<(head * steps + t + 1) * width }
      func dot(_ a: ArraySlice<S>, _ b: ArraySlice<S>) -> S { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      func add(_ part: Int, _ t: Int, _ factor: S, _ numbers: ArraySlice<S>) {
        for (i, number) in zip(row(t), numbers) { results[part][i] += factor * number }
      }
      for t in 0..<steps {
        let scores = (0..<steps).map { scale * dot(q[row(t)], k[row($0)]) }
        let most = scores.max()!
        let powers = scores.map { S.exp($0 - most) }
        let sum = powers.reduce(0, +)
        let p = powers.map { $0 / sum }
        let dp = (0..<steps).map { dot(dy[row(t)], v[row($0)]) }
        let mean = zip(p, dp).reduce(0) { $0 + $1.0 * $1.1 }
        for s in 0..<steps {
          let d = scale * p[s] * (dp[s] - mean)
          add(0, t, p[s], v[row(s)])
          add(1, t, d, k[row(s)])
          add(2, s, d, q[row(t)])
          add(3, s, p[s], dy[row(t)])
        }
      }
    }
    return results
  }
}
