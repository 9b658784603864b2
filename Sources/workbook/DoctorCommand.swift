import ArgumentParser
import ExerciseKit
import Formats
import Foundation
import Site

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check that all that the workbook needs is there.",
    discussion: """
      What the book's site, EPUB and PDF and its check are made with is named, too. Learning and training need none of \
      it: where only that is missing, all is well.
      """)

  @Flag(help: "Print an array of objects for programs.") var json = false

  private struct Finding: Encodable {
    let name: String
    let found: String?
    let isFine: Bool
    let advice: String?
    /// What it is for, where everything else does without.
    var purpose: String?
  }

  func run() async throws {
    let findings = await [swift()] + libraries()
    let extras = extras()
    if json {
      try printJSON(findings + extras)
    } else {
      let style = Style()
      for finding in findings {
        let mark = finding.isFine ? style.good("✓") : style.bad("✗")
        print("\(mark) \(finding.name.padded(to: 10)) \(finding.found ?? "not found")")
        if let advice = finding.advice { print("             \(advice)") }
      }
      if findings.allSatisfy(\.isFine) { print("All there.") }
      print("\nOnly for authors:")
      for extra in extras {
        let mark = extra.isFine ? style.good("✓") : "–"
        print(
          "\(mark) \(extra.name.padded(to: 10)) \(extra.found ?? "not found"), for \(extra.purpose ?? "")")
        if let advice = extra.advice { print("             \(advice)") }
      }
    }
    if !findings.allSatisfy(\.isFine) { throw ExitCode(1) }
  }

  private func swift() async -> Finding {
    guard let compiler = ProgramSearch.find("swiftc"),
      let (_, text) = try? await output(of: compiler, ["--version"]),
      let match = text.firstMatch(of: /Swift version (\d+)\.(\d+)(\.\d+)?/)
    else {
      return Finding(
        name: "Swift", found: nil, isFine: false,
        advice: "install Swift 6.2 or newer: https://www.swift.org/install")
    }
    let isFine = (Int(match.1)!, Int(match.2)!) >= (6, 2)
    return Finding(
      name: "Swift", found: "\(match.1).\(match.2)\(match.3 ?? "")", isFine: isFine,
      advice: isFine ? nil : "install Swift 6.2 or newer: https://www.swift.org/install")
  }

  private func libraries() async -> [Finding] {
    var findings: [Finding] = []
    guard let pkgConfig = ProgramSearch.find("pkg-config") else {
      return [
        Finding(
          name: "pkg-config", found: nil, isFine: false,
          advice: install(apt: "pkg-config", brew: "pkgconf", dnf: "pkgconf"))
      ]
    }
    let libraries = [
      (name: "libpng", apt: "libpng-dev", brew: "libpng", dnf: "libpng-devel"),
      (name: "zlib", apt: "zlib1g-dev", brew: "zlib", dnf: "zlib-devel"),
      (name: "openblas", apt: "libopenblas-dev", brew: "openblas", dnf: "openblas-devel"),
    ]
    for library in libraries {
      let found = try? await output(of: pkgConfig, ["--modversion", library.name])
      let version = found.flatMap {
        $0.succeeded ? $0.text.trimmingCharacters(in: .whitespacesAndNewlines) : nil
      }
      findings.append(
        Finding(
          name: library.name, found: version, isFine: version != nil,
          advice: version == nil ? install(apt: library.apt, brew: library.brew, dnf: library.dnf) : nil))
    }
    return findings
  }

  /// The programs that outputs of the book are made with; without them everything else works.
  private func extras() -> [Finding] {
    func finding(_ name: String, _ found: String?, _ purpose: String, apt: String, brew: String, dnf: String)
      -> Finding
    {
      Finding(
        name: name, found: found, isFine: found != nil,
        advice: found == nil ? install(apt: apt, brew: brew, dnf: dnf) : nil, purpose: purpose)
    }
    return [
      finding(
        "pandoc", OutsideProgram.pandoc.findIfThere()?.file.path, "the book's site, EPUB and PDF",
        apt: "pandoc",
        brew: "pandoc", dnf: "pandoc"),
      finding(
        "Chromium", OutsideProgram.chromium.findIfThere()?.file.path, "the book's PDF", apt: "chromium",
        brew: "--cask chromium", dnf: "chromium"),
      finding(
        "cmark-gfm", ProgramSearch.find("cmark-gfm")?.path, "book --check", apt: "cmark-gfm",
        brew: "cmark-gfm",
        dnf: "cmark-gfm"),
    ]
  }

  /// The command that installs a package on this system.
  private func install(apt: String, brew: String, dnf: String) -> String {
    if ProgramSearch.find("brew") != nil { return "install it: brew install \(brew)" }
    if ProgramSearch.find("apt-get") != nil { return "install it: sudo apt-get install \(apt)" }
    if ProgramSearch.find("dnf") != nil { return "install it: sudo dnf install \(dnf)" }
    return "install the package \(apt) (its name on Debian)"
  }
}
