import Conformance
import Foundation

// golden FOLDER: checks every reference file of the folder against the engine.
//
// The cases run in a child process. When one of them stops it (a trap), that case has failed, and another child
// goes on with the rest.

let arguments = CommandLine.arguments.dropFirst()

if arguments.first == "--cases" {
  for path in arguments.dropFirst() {
    let result = checkCase(URL(fileURLWithPath: path))
    print(ChildReport.mark + (result.passed ? "+" : "-") + result.line)
    fflush(nil)
  }
  exit(0)
}

guard arguments.count == 1, let folder = arguments.first, !folder.hasPrefix("-") else {
  complain("usage: golden FOLDER\n")
  exit(2)
}

do {
  let files = try goldenFiles(in: URL(fileURLWithPath: folder))
  if files.isEmpty {
    complain("golden: no .safetensors file in \(folder)\n")
    exit(1)
  }
  var (passed, failed) = (0, 0)
  var rest = files[...]
  while !rest.isEmpty {
    let report = try ChildReport(checking: Array(rest)) { line, ok in
      print(line)
      if ok { passed += 1 } else { failed += 1 }
    }
    rest = rest.dropFirst(report.finished)
    if let culprit = rest.first {
      print(
        "FAIL  \(culprit.deletingPathExtension().lastPathComponent)  ?  stopped the program: \(report.lastWords)"
      )
      failed += 1
      rest = rest.dropFirst()
    }
  }
  print("\(passed) passed, \(failed) failed")
  exit(failed == 0 ? 0 : 1)
} catch {
  complain("golden: \(folder): \(error.localizedDescription)\n")
  exit(1)
}
