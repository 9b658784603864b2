import ExerciseChannel
import Pictures
import Tensors

/// A wrong result that is worth a picture: maps of numbers, too many to compare by reading.
public struct ImageFailure: Sendable {
  /// What was called.
  public let call: String
  /// What the check says.
  public let check: String
  /// The two maps, `[H, W]`.
  public let yours: Tensor
  /// What it should have been, `[H, W]`.
  public let expected: Tensor
  /// The map that the two are of a result with more axes; empty where that is all of it.
  public let map: [Int]
  /// Where in the map the two first differ.
  public let place: (row: Int, column: Int)

  /// The sizes that make an image. Smaller ones are read as numbers, larger ones fit no page.
  static let sizes = 4...512

  /// Whether a failure is about the numbers of an image.
  static func isImage(_ failure: Failure) -> Bool {
    guard failure.difference.kind == .number, (failure.difference.place?.count ?? 0) >= 2,
      let shape = failure.expected?.numbers.shape
    else { return false }
    return shape.suffix(2).allSatisfy(sizes.contains)
  }

  /// Nil when the failure is about something else than the numbers of an image.
  init?(_ failure: Failure, check: String) {
    guard Self.isImage(failure), let place = failure.difference.place,
      let yours = failure.yours?.numbers, let expected = failure.expected?.numbers, let shape = yours.shape
    else { return nil }
    let size = Array(shape.suffix(2))
    let start = zip(shape.dropLast(2), place).reduce(0) { $0 * $1.0 + $1.1 } * size[0] * size[1]
    func image(_ scalars: [Double]) -> Tensor {
      Tensor(scalars[start..<start + size[0] * size[1]].map(Float.init), shape: size)
    }
    call = failure.call
    self.check = check
    self.yours = image(yours.scalars)
    self.expected = image(expected.scalars)
    map = Array(place.dropLast(2))
    self.place = (place[place.count - 2], place[place.count - 1])
  }
}

extension ImageFailure {
  /// Yours, what was expected and the difference side by side, the first place where they differ framed.
  public func canvas(title: String) -> Canvas {
    let which = map.isEmpty ? "" : ", the map at \(map)"
    return comparison(
      yours, with: expected, title: title,
      subtitle: """
        \(call)\(which). The check: \(check). Framed: [\(place.row), \(place.column)], the first place that differs.
        """, framing: place)
  }
}

extension Exercise {
  /// The first wrong image of an answer that was judged wrong.
  ///
  /// The case by hand that it fails is usually too small for a picture. Then the properties, which were not tried any
  /// more, are asked: they change nothing in the judgement.
  func imageFailure(of answer: Answer, after judgement: Judgement) -> ImageFailure? {
    guard judgement.failure?.difference.kind == .number else { return nil }
    if let image = judgement.image { return image }
    let tried = checksInOrder.filter { !judgement.withheld.contains($0.text) }
    for (line, check) in zip(judgement.lines, tried) where check.layer <= .property {
      guard case .notTried = line.outcome else { continue }
      let trial = Trial()
      do {
        try check.body(answer, trial)
      } catch is LearnerStopped {
        return nil
      } catch {
        continue
      }
      if let image = trial.imageFailure.flatMap({ ImageFailure($0, check: check.text) }) { return image }
    }
    return nil
  }

  /// Layer by layer, and in each in the order in which they stand.
  var checksInOrder: [Check<Answer>] {
    checks.enumerated().sorted { ($0.element.layer, $0.offset) < ($1.element.layer, $1.offset) }
      .map(\.element)
  }
}
