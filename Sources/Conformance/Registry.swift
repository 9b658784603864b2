import Tensors

/// Checks one case: reads its inputs and options, computes, and compares every result.
public typealias CaseHandler = @Sendable (GoldenCase) throws -> Void

/// All ops that can be checked, by the name that files give in `op`. Each family has a file of its own.
public let caseHandlers: [String: CaseHandler] = {
  let families: [[String: CaseHandler]] = [
    convolutionCases, poolingCases, linearCases, activationCases, normCases, attentionCases, gptCases,
    embeddingCases, lossCases, optimizerCases, scheduleCases,
    clippingCases, compressionCases, cnnCases, recurrentCases, samplingCases, trendCases, precisionCases,
  ]
  return families.reduce(into: [:]) { all, family in
    all.merge(family) { _, _ in trap("caseHandlers: two handlers for one op") }
  }
}()
