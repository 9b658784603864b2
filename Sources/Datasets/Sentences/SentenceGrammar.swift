/// What the sentences of ``SentenceCorpus`` are made of.
///
/// A frame has two places for words of opposite meaning, `{A}` and `{B}`: what stands at `{A}` is the speaker's
/// verdict, what stands at `{B}` is denied, past, expected or somebody else's. `{it}` is what they speak of, and `{who}`
/// another person.
enum SentenceGrammar {
  /// A frame, and the words that fit its two places.
  struct Frame {
    let text: String
    let praise: [String]
    let complaint: [String]
  }

  /// The frames for adjectives and those for verbs; each kind makes half of the sentences.
  static let frames: [[Frame]] = [
    adjectiveFrames.map { Frame(text: $0, praise: goodAdjectives, complaint: badAdjectives) },
    verbFrames.map { Frame(text: $0, praise: goodVerbs, complaint: badVerbs) },
  ]

  private static let adjectiveFrames = [
    // What is denied.
    "{it} was not {B} but {A}",
    "{it} was {A} and not {B}",
    "it is not true that {it} was {B} ; it was {A}",
    "it is true that {it} was {A} ; it was not {B}",
    "I do not think that {it} was {B} ; I think that it was {A}",
    "I would not call {it} {B} ; I would call it {A}",
    "I would call {it} {A} ; I would not call it {B}",
    "I deny that {it} was {B} ; it was {A}",
    "{it} was anything but {B} ; it was {A}",
    // What is denied twice.
    "nobody says that {it} was not {A} , and it was not {B}",
    "{it} was not {B} , and nobody says that it was not {A}",
    "I cannot deny that {it} was {A} , and I do not say that it was {B}",
    "I do not say that {it} was {B} , and I cannot deny that it was {A}",
    // What came first.
    "at first {it} was {B} , but in the end it was {A}",
    "in the end {it} was {A} , though at first it was {B}",
    "{it} was {B} until it became {A}",
    "{it} became {A} after it had been {B}",
    "after it had been {B} , {it} became {A}",
    "{it} had been {B} before it became {A}",
    "before it became {A} , {it} had been {B}",
    // What was expected.
    "I expected {it} to be {B} , and it was {A}",
    "{it} was {A} , and I had expected it to be {B}",
    // Who says so.
    "{who} found {it} {B} , but I found it {A}",
    "I found {it} {A} , but {who} found it {B}",
    "what {who} called {B} , I called {A} : {it}",
    "{who} told me that {it} would be {B} , but it was {A}",
    // What it is more of.
    "{it} was more {A} than {B}",
    "{it} was less {B} than {A}",
  ]

  private static let verbFrames = [
    "{who} {B} {it} , but I {A} it",
    "I {A} {it} , but {who} {B} it",
    "unlike {who} , who {B} {it} , I {A} it",
    "{who} thinks that I {B} {it} , but in fact I {A} it",
    "first I {B} {it} , then I {A} it",
    "I {A} {it} after I had {B} it",
    "after I had {B} {it} , I {A} it",
    "before I {A} {it} , I had {B} it",
    "I do not say that I {B} {it} ; I say that I {A} it",
    "it would be wrong to say that I {B} {it} ; I {A} it",
    "nobody can say that I {B} {it} or that I have not {A} it",
    "nobody can say that I have not {A} {it} or that I {B} it",
  ]

  static let goodAdjectives = [
    "wonderful", "lovely", "excellent", "delightful", "splendid", "charming", "superb", "pleasant", "great",
    "perfect", "marvellous", "brilliant",
  ]
  static let badAdjectives = [
    "awful", "dreadful", "terrible", "poor", "dull", "disappointing", "horrible", "annoying", "unpleasant",
    "miserable", "tedious", "boring",
  ]
  static let goodVerbs = ["loved", "liked", "enjoyed", "admired", "praised", "adored"]
  static let badVerbs = ["hated", "disliked", "loathed", "detested", "criticised", "despised"]

  static let subjects = [
    "the film", "the play", "the novel", "the concert", "the lecture", "the soup", "the dinner", "the hotel",
    "the museum", "the journey", "the garden", "the exhibition", "the game", "the opera", "the party",
    "the cake",
  ]
  static let people = [
    "my sister", "my brother", "a friend of mine", "the critic", "my neighbour", "our teacher", "my uncle",
    "a colleague", "the man beside me", "everybody else",
  ]

  /// What may be said before the verdict. `{adjective}` has no bearing on it.
  static let openings = [
    "it was raining that day", "we went there last week", "this is what I think",
    "the weather was {adjective}",
    "we had waited for weeks", "the way there was {adjective}", "{who} had asked me to come",
    "let me be brief", "I am often asked about it", "{who} was in a {mood} mood",
  ]
  /// What may be said after it.
  static let closings = [
    "we went home late", "that is all", "{who} came with me", "the way home was {adjective}",
    "I have said it before",
    "it did not cost much", "the rest of the day was {adjective}", "{who} may tell you more",
    "now you know", "we took the last train",
  ]
  static let moods = ["good", "bad", "cheerful", "gloomy"]
}
