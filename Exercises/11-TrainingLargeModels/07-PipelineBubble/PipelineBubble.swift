// 11.7  A pipeline with stages that are not alike                  (the book: chapter 11, section 11.6)
//
// Microbatches go through the stages of a pipeline one after the other: all of them forward, then all of them back. A stage works
// on one at a time, in their order. It can take a microbatch forward when it is done with the one before, and the stage before it
// is done with this one. Back it goes the other way round, from the last stage to the first; a stage begins with that when it is
// done with all that goes forward.
//
//     F(s, k) = max(F(s − 1, k), F(s, k − 1)) + forward_s         when stage s is done with microbatch k, forward
//     B(s, k) = max(B(s + 1, k), B(s, k − 1)) + back_s            and back; before its first, it was busy until F(s, last)
//
// The last stage waits for nobody on the way back. Wanted are the time when all is done, and for each stage the share of that time
// in which it waits:
//
//     idle_s = 1 − (its work) / end
//
// For example, two stages with forward 1 and 2, back 2 and 3, and two microbatches. Forward the first is done at 1 and 2, the
// second at 3 and 5. Back the second stage is done at 8 and 11; the first takes the first microbatch at 8, until 10, and the
// second at 11, until 13. So the end is 13; the first stage has worked 2·(1 + 2) = 6, and the second 10: they wait 7/13 and 3/13.

import Practice

/// When all is done, and the share of that time in which each stage waits.
func pipelineTime(
  forward: [Double], back: [Double], microbatches: Int
) throws -> (end: Double, idle: [Double]) {
  // BEGIN SOLUTION
  let stages = forward.count
  var free = [Double](repeating: 0, count: stages)
  for _ in 0..<microbatches {
    var ready = 0.0
    for stage in 0..<stages {
      free[stage] = max(ready, free[stage]) + forward[stage]
      ready = free[stage]
    }
  }
  for _ in 0..<microbatches {
    var ready = 0.0
    for stage in (0..<stages).reversed() {
      free[stage] = max(ready, free[stage]) + back[stage]
      ready = free[stage]
    }
  }
  let end = free[0]
  let idle = (0..<stages).map { 1 - Double(microbatches) * (forward[$0] + back[$0]) / end }
  return (end, idle)
  // END SOLUTION
}
