// 9.9  Finding near-duplicates by MinHash                          (the book: chapter 9, section 9.10)
//
// Two texts are nearly the same if they share most of their shingles, that is, of the k words that stand in a row at
// each place. The share is the Jaccard similarity, |A ∩ B| / |A ∪ B|. To compare every text of a large collection with
// every other in full would take too long. MinHash makes a short signature of each text, so that comparing signatures
// is enough.
//
// Words are numbers from 0 to B − 1. A shingle w₀ w₁ … is the number that has these as its digits in base B:
//
//     x = ( … (w₀ · B + w₁) · B + … ) + w_{k−1}
//
// Hash function i mixes these numbers up, and the signature keeps its smallest value over all shingles of the text:
//
//     h_i(x) = (a_i x + b_i) mod p          signature_i = min over the shingles x of h_i(x)
//
// The two texts have the same smallest value at i when it comes from a shingle that both have; otherwise only by accident,
// which a large p makes rare. So the share of the places i at which two signatures are equal estimates the Jaccard
// similarity.
//
//     words   at least k of them              a, b   one number for each function
//     a signature   as many numbers as functions
//
// For example, the words 3 1 4 1 5 with k = 2 and B = 10 have the shingles 31, 14, 41 and 15. With two functions
// and p = 11:
//
//     a = 2 3     h₀: 63 mod 11 = 8, 29 mod 11 = 7, 83 mod 11 = 6, 31 mod 11 = 9        the smallest: 6
//     b = 1 4     h₁: 97 mod 11 = 9, 46 mod 11 = 2, 127 mod 11 = 6, 49 mod 11 = 5                     2
//
//     The signatures 6 2 4 and 6 4 4 agree at two of three places: 2/3.
//
// All numbers are chosen so that a x + b fits into an Int.

import Practice

/// The signature of a text: one number for each hash function.
func signature(_ words: [Int], shingleSize k: Int, base: Int, a: [Int], b: [Int], p: Int) throws -> [Int] {
  // BEGIN SOLUTION
  let shingles = (0...words.count - k).map { start in
    words[start..<start + k].reduce(0) { $0 * base + $1 }
  }
  return zip(a, b).map { a, b in shingles.map { (a * $0 + b) % p }.min()! }
  // END SOLUTION
}

/// The Jaccard similarity that two signatures of equal length suggest.
func similarity(_ s: [Int], _ t: [Int]) throws -> Double {
  // BEGIN SOLUTION
  return Double(zip(s, t).count { $0 == $1 }) / Double(s.count)
  // END SOLUTION
}
