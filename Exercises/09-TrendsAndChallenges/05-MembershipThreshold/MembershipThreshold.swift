// 9.5  Who was in the training set?                                (the book: chapter 9, section 9.6)
//
// A model has a smaller loss on examples it was trained on (the members) than on others. An attacker who sees only
// losses guesses "member" when the loss is at most a threshold t. How much that gives away is the advantage:
//
//     advantage(t) = TPR − FPR        TPR   the share of the members with loss ≤ t
//                                     FPR   the share of the others with loss ≤ t
//
// A threshold that is chosen and measured on the same losses makes any model look leaky, also one that gives nothing
// away. So the losses are divided: those at the even places 0, 2, 4 … are for choosing, those at the odd places 1, 3, 5
// … for measuring, both for the members and for the others. The threshold is the loss (of the choosing half, member or
// not) with the largest advantage on the choosing half; if several have the same advantage, the smallest of them. The
// result is this threshold, and its advantage on the measuring half.
//
// For example, members 2 1 4 3, others 3 8 6 1:
//
//     choosing    members 2 4    others 3 6       t     2     3     4     6
//     measuring   members 1 3    others 8 1       TPR   1/2   1/2   1     1
//                                                 FPR   0     1/2   1/2   1
//
//     t = 2 and t = 4 both have 1/2 on the choosing half, so t = 2; on the measuring half its advantage is 1/2 − 1/2 = 0
//
// The advantage on the measuring half may be negative. Members and others need not be equally many; each has at least
// two losses.

import Practice

/// The share of members minus the share of others with a loss of at most `threshold`.
func advantage(of threshold: Double, members: [Double], others: [Double]) throws -> Double {
  // BEGIN SOLUTION
  let caught = members.count { $0 <= threshold }
  let blamed = others.count { $0 <= threshold }
  return Double(caught) / Double(members.count) - Double(blamed) / Double(others.count)
  // END SOLUTION
}

/// The threshold chosen on one half of the losses, and its advantage on the other half.
func membershipAttack(members: [Double], others: [Double]) throws -> (threshold: Double, advantage: Double) {
  // BEGIN SOLUTION
  func half(_ losses: [Double], from first: Int) -> [Double] {
    stride(from: first, to: losses.count, by: 2).map { losses[$0] }
  }
  let (m, o) = (half(members, from: 0), half(others, from: 0))
  var (best, most) = (0.0, -Double.infinity)
  for t in (m + o).sorted() {
    let here = try advantage(of: t, members: m, others: o)
    if here > most { (best, most) = (t, here) }
  }
  let measured = try advantage(of: best, members: half(members, from: 1), others: half(others, from: 1))
  return (best, measured)
  // END SOLUTION
}
