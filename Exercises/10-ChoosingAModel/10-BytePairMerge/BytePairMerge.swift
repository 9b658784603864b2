// 10.10  Pieces of words                                           (the book: chapter 10, section 10.9)
//
// A model may read characters, or words, or what lies between: pieces. Byte-pair encoding finds them: it begins with single
// characters, and again and again makes one new piece of the two that stand side by side most often.
//
// `mostFrequentPair(in:counts:)`: words as lists of pieces, and how often each word occurs. A pair is two neighbours within a
// word; a word that occurs c times counts c times for each place where a pair stands. Given is the pair with the largest
// count; of several, the one whose first piece is smaller by `<`, and with equal first pieces, whose second is. Where no word
// has two pieces, the result is the empty list.
//
// `merged(_:pair:)`: a word in which, from left to right, each place of the pair has become one piece. A piece that has been
// used is not used again: a a a with the pair a a becomes aa a.
//
// `pieces(of:merges:)`: a word of single characters after all merges, one after the other in the order in which they were found.
//
// For example (Sennrich et al., 2016): l o w 5 times, l o w e r 2 times, n e w e s t 6 times, w i d e s t 3 times:
//
//     e s stands in newest and widest: 6 + 3 = 9; s t as well: 9; w e: 2 + 6 = 8      the pair is e s, for e < s
//     merged      n e w es t
//     pieces of   l o w e s t      with the merges  e s,  es t,  l o,  lo w:      low est

import Practice

/// Two pieces, or none.
func mostFrequentPair(in words: [[String]], counts: [Int]) throws -> [String] {
  // BEGIN SOLUTION
  var places: [[String]: Int] = [:]
  for (word, count) in zip(words, counts) {
    for i in word.indices.dropLast() { places[[word[i], word[i + 1]], default: 0] += count }
  }
  let best = places.min { a, b in
    a.value != b.value ? a.value > b.value : (a.key[0], a.key[1]) < (b.key[0], b.key[1])
  }
  return best?.key ?? []
  // END SOLUTION
}

/// The word with the pair made one, wherever it stands.
func merged(_ word: [String], pair: [String]) throws -> [String] {
  // BEGIN SOLUTION
  var result: [String] = []
  var i = 0
  while i < word.count {
    if i + 1 < word.count && word[i] == pair[0] && word[i + 1] == pair[1] {
      result.append(pair[0] + pair[1])
      i += 2
    } else {
      result.append(word[i])
      i += 1
    }
  }
  return result
  // END SOLUTION
}

/// The word after all merges.
func pieces(of word: [String], merges: [[String]]) throws -> [String] {
  // BEGIN SOLUTION
  return try merges.reduce(word) { try merged($0, pair: $1) }
  // END SOLUTION
}
