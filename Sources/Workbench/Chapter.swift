/// A chapter of the workbook, as its program and its folders name it.
public struct Chapter: Sendable, Equatable {
  /// Its place in the book, from 0.
  public let number: Int
  /// As the book's page names it: `Training a CNN`.
  public let title: String
  /// Its program: `train-cnn`.
  public let program: String

  /// - Parameters:
  ///   - number: Its place in the book, from 0.
  ///   - title: As the book's page names it; the folder of results follows from it.
  ///   - program: Its program, as `./workbook run` knows it.
  public init(_ number: Int, _ title: String, program: String) {
    (self.number, self.title, self.program) = (number, title, program)
  }

  /// The folder of its results, under `out/` and under `Book/Results/`: number and title, `07-training-a-cnn`.
  public var folder: String {
    let words = title.lowercased().split { !($0.isLetter || $0.isNumber) }
    return ([(number < 10 ? "0" : "") + String(number)] + words.map(String.init)).joined(separator: "-")
  }
}
