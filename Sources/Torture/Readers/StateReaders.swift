import BookKit
import Classroom
import ExerciseKit
import Formats
import Foundation
import Tensors
import Workbench

/// Readers of what the workbook has noted, in JSON and CSV, and of what learners hand in.
enum StateReaders {
  static func all() throws -> [ReaderSubject] {
    try [progress(), resultsFiles(), course(), marks(), roster(), submissions()]
  }

  private static func progress() throws -> ReaderSubject {
    let text = """
      {"exercises": {
        "1.1": {"state": "passed", "points": 4, "hints": 1, "attempts": 3, "gaveUp": false, "passed": "2026-02-03T10:20:30Z"},
        "1.2": {"state": "wrong", "points": 0, "hints": 0, "attempts": 1, "gaveUp": true}}}
      """
    return ReaderSubject(
      name: "progress", ending: ".json", good: [Array(text.utf8), Array("{\"exercises\": {}}".utf8)]
    ) { path in
      // It has its name, in a folder of its own.
      let folder = path + ".d"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try FileManager.default.copyItem(atPath: path, toPath: folder + "/progress.json")
      let file = ProgressFile(folder: URL(filePath: folder))
      var read = try file.read()
      for id in read.exercises.keys.sorted() {
        read[id].hints += 1
        read[id].attempts += 1
      }
      let points = read.exercises.values.reduce(0) { $0 + $1.points }
      return Reading("\(points) \(read.exercises.count)")
    }
  }

  /// The results of an experiment, as a run writes them.
  static func results() throws -> [UInt8] {
    var results = Results(command: "pooling shifts", seed: 3)
    results.metrics = ["accuracy": 0.98, "loss": 1e-3]
    var table = Table("Digits", columns: ["shift", "accuracy"])
    table.add("1", "98.0 %")
    results.tables = [table]
    results.files = ["accuracy.svg"]
    return [UInt8](try JSONEncoder().encode(results))
  }

  private static func resultsFiles() throws -> ReaderSubject {
    let page = """
      # 3 Pooling

      It reads <!--= 03-pooling/shifts accuracy %1 -->98.0 %<!--/-->, by <!--= 03-pooling/shifts seed -->3<!--/-->.

      <!-- table: 03-pooling/shifts 1 | Table 3.1. Digits. -->
      <!-- end -->
      """
    return ReaderSubject(name: "results", ending: ".json", good: [try results()]) { path in
      let root = try TextReaders.bookFolder(beside: path, results: try FileContents.bytes(of: path))
      defer { try? FileManager.default.removeItem(at: root) }
      try Data(page.utf8).write(to: root.appending(path: "Book/03-pooling.md"))
      let filled = try Book(root: root).filled("Book/03-pooling.md")
      if let problem = filled.problems.first { throw problem }
      return Reading(filled.after)
    }
  }

  private static func course() throws -> ReaderSubject {
    let text = """
      {"title": "Deep learning", "chapters": [1, 2], "exercises": ["2.1"], "points": {"2.3": 10},
       "due": {"2": "2026-10-12T23:59:00+02:00", "all": "2026-12-01T00:00:00Z"}, "hidden": {"2.3": ["property"]},
       "late": {"perDay": 0.1, "atMostDays": 5, "graceMinutes": 15}, "attempts": "best"}
      """
    return ReaderSubject(name: "course", ending: ".json", good: [Array(text.utf8), Array("{}".utf8)]) {
      path in
      Reading([UInt8](try Course(file: URL(filePath: path)).json()))
    }
  }

  private static func marks() throws -> ReaderSubject {
    let text = """
      [{"learner": "ada", "exercise": "2.3", "mark": 4.5, "comment": "Nearly."}, {"learner": "grâce", "comment": "By mail."}]
      """
    return ReaderSubject(name: "corrections", ending: ".json", good: [Array(text.utf8), Array("[]".utf8)]) {
      path in
      let folder = path + ".d"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try FileManager.default.copyItem(atPath: path, toPath: folder + "/" + Correction.file)
      let all = try Correction.all(in: folder)
      return Reading("\(all.map { "\($0.learner) \($0.exercise ?? "") \($0.mark ?? -1)" })")
    }
  }

  private static func roster() -> ReaderSubject {
    let text =
      "learner,source,time\nada,handed-in/ada.zip,2026-10-12T20:15:00Z\n\"grace, h.\",git@host:a/b.git,\n"
    return ReaderSubject(name: "roster", ending: ".csv", good: [Array(text.utf8)]) { path in
      Reading("\(try Collecting.roster(path).map { "\($0.learner) \($0.place)" })")
    }
  }

  private static func submissions() throws -> ReaderSubject {
    let answer = Array("import Practice\nfunc answer() throws -> Int { 1 }\n".utf8)
    let name = "Yours/02-Convolution/OutputSize.swift"
    let asked = [
      AskedFile(id: "2.1", chapterFolder: "02-Convolution", name: "CrossCorrelation1d"),
      AskedFile(id: "2.2", chapterFolder: "02-Convolution", name: "OutputSize"),
    ]
    return ReaderSubject(
      name: "submission", ending: ".zip",
      good: try [
        ArrayReaders.zip([(name, answer)]),
        ArrayReaders.zip([
          ("02-Convolution/CrossCorrelation1d.swift", answer), (name, answer), ("readme.txt", []),
        ]),
      ],
      isChecked: true,
      inside: { _, random in
        let names = [
          name, "../\(name)", "/etc/02-Convolution/OutputSize.swift",
          "02-Convolution/\u{301}OutputSize.swift",
        ]
        let name = names[random.integer(below: 4)]
        return .init(core: answer) { (try? ArrayReaders.zip([(name, $0)])) ?? [] }
      }
    ) { path in
      let files = try SubmissionFiles(of: Submission(alone: path), asking: asked)
      if let problem = files.problems.values.first { throw CannotRead(problem) }
      var reading = Reading()
      for (id, bytes) in files.answers.sorted(by: { $0.key < $1.key }) {
        reading.add(id)
        reading.add(bytes)
      }
      return reading
    }
  }
}
