import Engine
import NumberText

/// A sum of three ranks that goes round: what each has before, and after each of four rounds.
func ringDrawing() -> Diagram {
  let start: [[Float]] = [[1, 2, 3], [10, 20, 30], [100, 200, 300]]
  let rounds = ringRounds(start)
  let total = (0..<3).map { piece in start.reduce(0) { $0 + $1[piece] } }
  func whole(_ x: Float) -> String { fixed(Double(x), 0) }

  var drawing = Diagram(
    height: 226, title: "A sum that goes round",
    description: """
      Five tables of three by three numbers; rows are ranks, columns pieces. In the first, the ranks have 1, 2, 3, then 10, \
      20, 30, then 100, 200, 300. In each of the next two, one number of each row has grown, because the rank before has \
      sent its own. After the second round each rank has one whole sum, drawn blue: \
      \(total.map(whole).joined(separator: ", ")). In the last two rounds the sums are handed on, until all nine cells are blue.
      """)
  let names = ["before", "round 1", "round 2", "round 3", "round 4"]
  for (k, state) in rounds.enumerated() {
    let grid = drawing.cells(
      state.map { $0.map(whole) }, x: 64 + 132 * Float(k), y: 66, cell: (37, 36), size: .small,
      tone: {
        state[$0][$1] == total[$1] ? .blue : k > 0 && state[$0][$1] != rounds[k - 1][$0][$1] ? .orange : .soft
      })
    drawing.text(names[k], grid.frame.top.moved(0, -34), bold: true)
    if k == 0 {
      for rank in 0..<3 {
        drawing.text("rank \(rank)", grid[rank, 0].left.moved(-8, 0), .end, tone: .soft, size: .small)
      }
    }
  }
  drawing.brace(Point(439, 184), Point(196, 184), "what comes is added")
  drawing.brace(Point(703, 184), Point(460, 184), "whole sums are handed on")
  return drawing
}

/// What each rank holds before and after every round of a ring of as many pieces as ranks; see `ringAllReduce`.
func ringRounds(_ start: [[Float]]) -> [[[Float]]] {
  let ranks = start.count
  func place(_ i: Int) -> Int { (i % ranks + ranks) % ranks }
  var states = [start]
  for round in 0..<2 * (ranks - 1) {
    let before = states[round]
    var after = before
    for rank in 0..<ranks {
      let next = place(rank + 1)
      if round < ranks - 1 {
        after[next][place(rank - round)] += before[rank][place(rank - round)]
      } else {
        let piece = place(rank + 1 - (round - (ranks - 1)))
        after[next][piece] = before[rank][piece]
      }
    }
    states.append(after)
  }
  return states
}
