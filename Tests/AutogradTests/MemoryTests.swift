import Autograd
import Foundation
import Tensors
import Testing

#if os(Linux)
  @Suite struct MemoryTests {
    /// What the process holds, in KiB.
    private static func residentKiB() throws -> Int {
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
      return try #require(Int(line.split(whereSeparator: { !$0.isNumber })[0]))
    }

    /// One small step of training, with most kinds of op.
    private static func step(_ w: Parameter, _ x: Variable) {
      w.clearGradient()
      let h = layerNorm(gelu(matmul(x, w)), normalizedShape: [8])
      let y = scaledDotProductAttention(h, h, h, isCausal: true)
      let loss = pow(softmax(y).sliced(0..<4, axis: 1) - 0.1, 2).mean()
      loss.backward()
    }

    /// In a process of its own, where no other test takes memory meanwhile.
    @Test func tenThousandStepsTakeNoMoreMemoryThanAThousand() async {
      await #expect(processExitsWith: .success) {
        let w = Parameter(PrimitiveTests.normal([8, 8]))
        let x = Variable(PrimitiveTests.normal([16, 8], seed: 2))
        for _ in 0..<1_000 { Self.step(w, x) }
        let before = try Self.residentKiB()
        for _ in 0..<10_000 { Self.step(w, x) }
        let growth = try Self.residentKiB() - before
        // One leaked graph a step would be some 10 KiB each, 100 MiB in all.
        if growth > 2_000 { fatalError("grew by \(growth) KiB") }
      }
    }
  }
#endif
