/// A text written as Markdown again, on one line, as the pages' lists of other pages need it.
///
/// What a marker has filled in becomes plain text: it was filled in where it stands.
func markdown(_ inlines: [Inline]) -> String {
  inlines.map(markdown).joined().split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

private func markdown(_ inline: Inline) -> String {
  switch inline {
  case .text(let text):
    String(text.flatMap { "*_[]<>`$\\".contains($0) ? ["\\", $0] : [$0] })
  case .code(let code): code.contains("`") ? "`` \(code) ``" : "`\(code)`"
  case .formula(let tex): "$`\(tex)`$"
  case .emphasis(let inner): "*\(inner.map(markdown).joined())*"
  case .strong(let inner): "**\(inner.map(markdown).joined())**"
  case .link(let inner, let target) where plainText(inner) == target: "<\(target)>"
  case .link(let inner, let target): "[\(inner.map(markdown).joined())](\(target))"
  case .image(let alternative, let source): "![\(alternative)](\(source))"
  case .number(let shown, _): shown
  case .comment: ""
  case .lineBreak: " "
  }
}
