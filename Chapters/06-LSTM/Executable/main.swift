import Chapter06LSTM
import Engine
import Foundation

func check() {
// finite difference of truncated gradient
var stream = RandomStream(seed: 1, stream: 1)
let size = Cell1997Size(inputs: 3, outputs: 2, blocks: 2, cellsPerBlock: 2, biases: .allUnits)
let net = Network1997(size, from: &stream)
let xs: [[Double]] = (0..<6).map { _ in (0..<3).map { _ in Double(stream.normal()) } }
let target = [0.3, 0.9]
func f(_ x: Double) -> Double { 1/(1+exp(-x)) }
var a = net
var rec: [[Double]] = []
for x in xs { rec.append(a.activations); a.step(x) }
var b = a
b.learn(target, rate: 1)
func loss(_ hw: [Double], _ ow: [Double]) -> Double {
  let H = size.hiddenUnits, B = size.blocks, C = size.cells
  var s = [Double](repeating: 0, count: C)
  var y = s
  for (t, x) in xs.enumerated() {
    let src = x + rec[t] + [1]
    let net = (0..<H).map { u in src.indices.reduce(0.0) { $0 + src[$1] * hw[$1 * H + u] } }
    for c in 0..<C {
      let j = c / 2
      s[c] += f(net[j]) * (4 * f(net[2*B+c]) - 2)
      y[c] = f(net[B+j]) * (2 * f(s[c]) - 1)
    }
    // only last step's output gate matters
  }
  return (0..<2).reduce(0.0) { acc, k in
    let o = f((0..<C).reduce(ow[C*2+k]) { $0 + ow[$1*2+k] * y[$1] })
    return acc + 0.5 * (o - target[k]) * (o - target[k])
  }
}
var worst = 0.0
for i in a.hiddenWeights.indices {
  var up = a.hiddenWeights, dn = up; up[i] += 1e-5; dn[i] -= 1e-5
  let num = (loss(up, a.outputWeights) - loss(dn, a.outputWeights)) / 2e-5
  let got = a.hiddenWeights[i] - b.hiddenWeights[i]
  worst = max(worst, abs(num - got))
}
for i in a.outputWeights.indices {
  var up = a.outputWeights, dn = up; up[i] += 1e-5; dn[i] -= 1e-5
  let num = (loss(a.hiddenWeights, up) - loss(a.hiddenWeights, dn)) / 2e-5
  worst = max(worst, abs(num - (a.outputWeights[i] - b.outputWeights[i])))
}
print("worst", worst, (0..<10).map { a.hiddenWeights[$0] - b.hiddenWeights[$0] })
}
check()
