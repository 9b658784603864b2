import Tensors
import Testing

@testable import Datasets

@Suite struct ReberGrammarTests {
  private func strings(_ grammar: ReberGrammar, _ count: Int, seed: UInt64 = 1) -> [GrammarString] {
    var stream = RandomStream(seed: seed)
    return (0..<count).map { _ in grammar.string(from: &stream) }
  }

  private func set(_ text: String) -> SymbolSet { SymbolSet(ReberGrammar.numbers(text)!) }

  @Test(arguments: ["BTXSE", "BPVVE", "BTSSXXTVVE", "BPTVPXTTVVE", "BPVPSE"])
  func knownStringsBelongToTheSimpleGrammar(_ text: String) throws {
    let numbers = try #require(ReberGrammar.numbers(text))
    #expect(ReberGrammar.simple.contains(numbers))
    #expect(!ReberGrammar.embedded.contains(numbers))
    for (outer, other) in [("T", "P"), ("P", "T")] {
      #expect(ReberGrammar.embedded.contains(ReberGrammar.numbers("B\(outer)\(text)\(outer)E")!))
      #expect(!ReberGrammar.embedded.contains(ReberGrammar.numbers("B\(outer)\(text)\(other)E")!))
    }
  }

  @Test(arguments: ["", "B", "BTE", "BTXS", "BTXSEE", "BPSVE", "TXSE", "BTXXE", "BTBTXSETEB"])
  func otherTextsBelongToNeither(_ text: String) throws {
    let numbers = try #require(ReberGrammar.numbers(text))
    #expect(!ReberGrammar.simple.contains(numbers) && !ReberGrammar.embedded.contains(numbers))
  }

  @Test func possibleNextSymbols() {
    for (beginning, next) in [
      ("", "B"), ("B", "TP"), ("BT", "SX"), ("BP", "TV"), ("BTX", "XS"), ("BTXX", "TV"), ("BPV", "PV"),
      ("BTXS", "E"), ("BPVPX", "TV"),
    ] {
      let numbers = ReberGrammar.numbers(beginning)!
      #expect(ReberGrammar.simple.possibleNext(after: numbers) == set(next), "after \(beginning)")
      if !beginning.isEmpty {
        #expect(
          ReberGrammar.embedded.possibleNext(after: ReberGrammar.numbers("BP" + beginning)!) == set(next))
      }
    }
    #expect(ReberGrammar.embedded.possibleNext(after: ReberGrammar.numbers("BPBTXSE")!) == set("P"))
    #expect(ReberGrammar.embedded.possibleNext(after: ReberGrammar.numbers("BTBTXSE")!) == set("T"))
    #expect(ReberGrammar.embedded.possibleNext(after: ReberGrammar.numbers("BTBTXSET")!) == set("E"))
    #expect(ReberGrammar.embedded.possibleNext(after: ReberGrammar.numbers("BTBTXSETE")!) == set(""))
    #expect(ReberGrammar.embedded.possibleNext(after: ReberGrammar.numbers("BTBTXSEP")!) == nil)
    #expect(ReberGrammar.numbers("BTA") == nil)
  }

  @Test(arguments: [ReberGrammar.simple, .embedded])
  func stringsAtRandomBelongAndSayWhatMightCome(_ grammar: ReberGrammar) {
    let strings = strings(grammar, 500)
    #expect(Set(strings).count > 100)
    #expect(strings == self.strings(grammar, 500))
    #expect(strings != self.strings(grammar, 500, seed: 2))
    for string in strings {
      #expect(grammar.contains(string.symbols))
      for t in string.next.indices {
        #expect(string.next[t] == grammar.possibleNext(after: string.symbols[...t]))
        #expect(string.next[t].contains(string.symbols[t + 1]))
      }
    }
  }

  /// Each junction goes either way half of the time, so a string's chance is 1/2 for each of its junctions.
  @Test func shortStringsComeAsOftenAsTheirJunctionsSay() {
    let strings = strings(.embedded, 20_000)
    for text in ["BTBTXSETE", "BPBPVVEPE"] {
      let share = Double(strings.count { $0.description == text }) / 20_000
      #expect(abs(share - 1.0 / 16) < 0.006, "\(text): \(share)")
    }
    #expect(strings.map(\.symbols.count).min() == 9)
  }

  @Test func mostActiveMeansAboveAllOthers() {
    let tp = set("TP")
    #expect(areMostActive(tp, in: [0, 3, 2, 1, 1, 1, 1]))
    #expect(!areMostActive(tp, in: [0, 3, 2, 2, 1, 1, 1]))
    #expect(!areMostActive(tp, in: [0, 3, 1, 2, 1, 1, 1]))
    #expect(!areMostActive(tp, in: [0, 3, .nan, 1, 1, 1, 1]))
    #expect(!areMostActive(tp, in: [.nan, 3, 2, 1, 1, 1, 1]))
    let string = strings(.simple, 1)[0]
    func scores(_ t: Int) -> [Double] { (0..<7).map { string.next[t].contains($0) ? 1 : 0 } }
    #expect(string.isPredicted(by: scores))
    let last = string.next.count - 1
    #expect(!string.isPredicted { $0 == last ? Array(repeating: 0, count: 7) : scores($0) })
  }

  @Test func setsOfSymbols() async throws {
    #expect(set("EB").symbols == [0, 6] && set("EB").count == 2 && !set("EB").isEmpty)
    #expect(SymbolSet([63]).symbols == [63])
    let outcome = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SymbolSet([64])
    }
    #expect(
      String(decoding: outcome.standardErrorContent, as: UTF8.self)
        .contains("SymbolSet: symbols are numbers from 0 to 63, given 64"))
  }
}

@Suite struct TemporalOrderTests {
  @Test(arguments: [20, 33, 100]) func twoSymbolsCountAndTheirOrderIsTheClass(_ length: Int) {
    let task = TemporalOrder(length: length, seed: 3)
    var classes = [0, 0, 0, 0]
    for index in 0..<400 as Range<UInt64> {
      let (symbols, label) = task.example(index)
      #expect(symbols.count == length && symbols.first == 6 && symbols.last == 7)
      let marks = symbols.indices.filter { symbols[$0] == 4 || symbols[$0] == 5 }
      #expect(marks.count == 2)
      #expect(2 * (symbols[marks[0]] - 4) + symbols[marks[1]] - 4 == label)
      #expect(marks[0] >= length / 10 && marks[0] < length * 2 / 10)
      #expect(marks[1] >= length / 2 && marks[1] < length * 6 / 10)
      classes[label] += 1
    }
    #expect(classes.allSatisfy { $0 > 60 })
    #expect(task.example(7).symbols != TemporalOrder(length: length, seed: 4).example(7).symbols)
  }

  @Test func batchesAreExamplesSideBySide() {
    let task = TemporalOrder(length: 24, seed: 1)
    let (inputs, classes) = task.batch(5..<9)
    #expect(inputs.shape == [24, 4, 8])
    for n in 0..<4 {
      let (symbols, label) = task.example(5 + UInt64(n))
      #expect(classes.scalars[n] == label)
      for t in 0..<24 { for s in 0..<8 { #expect(inputs[t, n, s] == (symbols[t] == s ? 1 : 0)) } }
    }
  }
}
