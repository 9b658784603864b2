import Chapter10ChoosingAModel
import Engine
import Foundation
import NumberText
import Testing

/// Attention over a reader's sentence: the GPT in the browser is the engine's.
@Suite(.enabled(if: Browser.installed != nil, Browser.missing)) struct YourSentenceTests {
  private let browser = Browser.installed!
  /// One more character than the vocabulary has, a sign of two UTF-16 units, and the longest text that there may be.
  private let sentences = [
    "The network learns the weights of", "a", "Why does it work? 42 — because ž and 🙂 are not known,",
    "012345678 (a gradient) is what the loss \"says\" about one weight.",
  ]

  struct Contents: Decodable {
    struct Numbers: Decodable {
      let shape: [Int]
      let weight, scale, floats: Data?
    }
    let context, width, heads, blocks: Int
    let characters: String
    let tensors: [String: Numbers]
    let sentences: [String]
  }

  /// The GPT with the weights of the figure: whole numbers times the scale of their row, calculated with as floats.
  private func gpt(_ contents: Contents) throws -> GPT {
    var size = GPTSize(
      vocabulary: contents.characters.unicodeScalars.count + 1, context: contents.context,
      width: contents.width,
      heads: contents.heads, blocks: contents.blocks)
    (size.hasBiases, size.isTied) = (false, true)
    let model = GPT(size)
    #expect(Set(model.namedParameters.map(\.name)) == Set(contents.tensors.keys))
    for (name, parameter) in model.namedParameters {
      let numbers = try #require(contents.tensors[name])
      #expect(numbers.shape == parameter.shape)
      if let weight = numbers.weight, let scale = numbers.scale?.floats {
        let width = numbers.shape[1]
        let values = weight.wholeNumbers.enumerated().map { $1 * scale[$0 / width] }
        parameter.value = Tensor(values, shape: numbers.shape)
      } else {
        parameter.value = Tensor(try #require(numbers.floats).floats, shape: numbers.shape)
      }
    }
    model.evaluate()
    return model
  }

  struct Reading: Decodable {
    let ids: [Int]
    let logits: [[Double]]
    /// Block by block, head by head, place by place: as many weights as there are places up to there.
    let maps: [[[[Double]]]]
  }

  @Test func logitsAndMapsAreThoseOfTheEngine() throws {
    let contents = try TouchFigure.sentence.contents(as: Contents.self)
    let (model, tokenizer) = (try gpt(contents), CharacterTokenizer(vocabularyOf: contents.characters))
    let found = try browser.run(
      .sentence, expected: sentences,
      """
      const { encode, read } = workbookTouch["your-sentence"];
      return expected.map((text) => {
        const ids = encode(text), { logits, maps } = read(ids);
        return { ids, logits: logits.map((row) => Array.from(row)), maps };
      });
      """, as: [Reading].self)
    #expect(found.count == sentences.count)
    for (reading, sentence) in zip(found, sentences) {
      let ids = tokenizer.encode(sentence)
      #expect(reading.ids == ids, "\(sentence)")
      let logits = withoutGradients { model(IntTensor(ids, shape: [1, ids.count])) }.value.scalars.map {
        Double($0)
      }
      #expect(largestDifference(reading.logits.flatMap { $0 }, logits) < 1e-3, "\(sentence)")
      #expect(logits.map { abs($0) }.max()! > 3)
      var largest = 0.0
      for (block, map) in model.attentionMaps(ids).enumerated() {
        for head in 0..<contents.heads {
          for t in ids.indices {
            let row = (0...t).map { Double(map[head, t, $0]) }
            largest = max(largest, largestDifference(reading.maps[block][head][t], row))
          }
        }
      }
      #expect(largest < 1e-4, "\(sentence)")
    }
    #expect(tokenizer.encode(sentences[2]).contains(0) && found[3].ids.count == contents.context)
  }

  struct Seen: Decodable {
    let text, looks, title: String
    let next: [String]
    let pressed: [String]
    let turned: Int
  }

  /// What a reader sees: after typing, another head, a key, and a character that is chosen.
  @Test func whatIsSeenFollowsWhatIsDone() throws {
    let contents = try TouchFigure.sentence.contents(as: Contents.self)
    let (model, tokenizer) = (try gpt(contents), CharacterTokenizer(vocabularyOf: contents.characters))
    let found = try browser.run(
      .sentence, expected: 0,
      """
      let turned = 0;
      document.addEventListener("keydown", () => { turned += 1; }); // the page's own keys
      const field = figure.querySelector("input"), table = figure.querySelector(".touch-attention");
      const seen = () => ({ text: field.value, looks: figure.querySelector("output").textContent, turned,
        title: figure.querySelector(".touch-row p").textContent,
        next: [...figure.querySelectorAll(".touch-next button")].map((node) => node.getAttribute("aria-label")),
        pressed: [...figure.querySelectorAll("[aria-pressed=true]")].map((node) => node.getAttribute("aria-label")) });
      field.value = "the net";
      field.dispatchEvent(new Event("input", { bubbles: true }));
      figure.querySelector("[aria-label='Block 3, head 2']").click();
      const list = [seen()];
      for (const node of [field, table])
        node.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true, cancelable: true }));
      list.push(seen());
      figure.querySelector(".touch-next button").click();
      list.push(seen());
      field.value = "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
      list.push(seen());
      return list;
      """, as: [Seen].self)
    #expect(found.count == 4 && found.allSatisfy { $0.turned == 0 })
    for seen in found.prefix(3) {
      #expect(seen.pressed == ["Block 3, head 2"] && seen.title.hasPrefix("Block 3, head 2"))
      #expect(seen.next.count == 8)
    }
    #expect(found[0].text == "the net" && found[0].looks.hasPrefix("Character 7, “t”, looks at "))
    #expect(found[1].looks.hasPrefix("Character 6, “e”, looks at "))

    // The most probable characters are those of the engine, and the first one has been written.
    for (seen, text) in [(found[0], "the net"), (found[1], "the ne")] {
      let ids = tokenizer.encode(text)
      let logits = withoutGradients { model(IntTensor(ids, shape: [1, ids.count])) }.value
      let last = logits.selected(0, axis: 0).sliced(ids.count - 1..<ids.count, axis: 0).softmax().scalars
      let best = last.indices.sorted { last[$0] > last[$1] }[0]
      let name =
        [" ": "space", "\n": "new line"][String(tokenizer.vocabulary[best])]
        ?? String(tokenizer.vocabulary[best])
      #expect(seen.next[0] == "\(name), \(fixed(Double(last[best]) * 100, 1)) %")
      if text == "the ne" { #expect(found[2].text == text + String(tokenizer.vocabulary[best])) }
    }
    #expect(found[3].looks == "Type a few words." && found[3].next.isEmpty)
  }
}
