// 11.5  A ring of ranks                                            (the book: chapter 11, section 11.5)
//
// R ranks stand in a ring; each has its numbers cut into R pieces, and all want the sum of all. The book's ring ends its first
// half with piece r + 1 complete in rank r. Libraries arrange it so that rank r completes piece r: "reduce-scatter". Write one
// round of that ring, for all ranks at once. All indices of ranks and pieces count round the ring: −1 is R − 1, and R is 0.
//
//     round s = 0 … R − 2:       rank r sends piece r − 1 − s to rank r + 1, which adds it to its own
//     round s = R − 1 … 2R − 3:  rank r sends piece r − (s − R + 1) to rank r + 1, which puts it in place of its own
//
// All ranks send at the same time: what a rank sends is what it had before the round.
//
//     pieces   of each rank, of each piece, its numbers   [R][R][any length]; lengths of different pieces may differ
//
// For example, R = 2, rank 0 has the pieces [1] and [2, 3], rank 1 [10] and [20, 30]. In round 0 rank 0 sends piece −1, which is
// piece 1, and rank 1 piece 0: rank 0 has [11] and [2, 3] then, rank 1 [10] and [22, 33]. In round 1 rank 0 sends piece 0, and
// rank 1 piece 1: both have [11] and [22, 33].
//
// The remainder of a negative number is negative in Swift: (−1) % 3 is −1, so add R before taking it, often enough.

import Practice

/// The pieces of all ranks after round `s`.
func ringRound(_ pieces: [[[Float]]], round s: Int) throws -> [[[Float]]] {
  // BEGIN SOLUTION
  let ranks = pieces.count
  var after = pieces
  for rank in 0..<ranks {
    let next = (rank + 1) % ranks
    if s < ranks - 1 {
      let piece = (rank - 1 - s + 2 * ranks) % ranks
      for i in pieces[rank][piece].indices { after[next][piece][i] += pieces[rank][piece][i] }
    } else {
      let piece = (rank - (s - ranks + 1) + 2 * ranks) % ranks
      after[next][piece] = pieces[rank][piece]
    }
  }
  return after
  // END SOLUTION
}
