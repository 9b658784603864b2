// swift-tools-version: 6.2
import Foundation
import PackageDescription

// Debug builds are for learners: their own code keeps its checks, and the engine runs at full speed all the same.
let optimized: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]
let optimizedC: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno"])]

// Every target names all modules whose code it may use, also those that others import for it. Release builds inline
// code across modules, and SwiftPM compiles a target anew only when a module that it names has changed: with a
// shorter list, a change two floors down would be missed.
let engine: [Target.Dependency] = [
  "NumberText", "Tensors", "Formats", "Autograd", "Layers", "Datasets", "Training", "Pictures", "Engine",
]

// What a copy for learners is without: the judge, what it judges by, and their tests. `./workbook release` puts the
// targets' names here.
let leftOut: Set<String> = []

/// One floor of the engine: a library module under `Sources/`.
func floor(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: optimized)
}

// The table of chapters. Targets, tests, the programs that `./workbook run` knows and the README's list follow from it:
// to add a chapter is to add its folders and one line here.
//
//     folder              under Chapters/; its module is `Chapter` and the folder's name without the hyphen
//     program             the executable, as `./workbook run` names it; nil where only the module is there
//     uses                other chapters whose modules the program shows experiments of
//     builtOn             earlier chapters whose plain code the module goes on from
//     floors              what the program and its module use beyond the engine and the workbench
//
// A chapter with a program has exercises: Exercises/ and its folder, with their list in Chapter.swift.
let sizes = ["01-BigAndSmall"]
let trained = ["07-TrainingACNN", "08-TrainingAnRNN", "10-ChoosingAModel"]
let chapters: [Chapter] = [
  Chapter("00-FirstSteps", program: "first-steps"),
  Chapter("01-BigAndSmall", program: "big-and-small"),
  Chapter("02-Convolution", program: "convolution", uses: ["07-TrainingACNN"]),
  Chapter("03-Pooling", program: "pooling"),
  Chapter("04-FullyConnected", program: "fully-connected", uses: ["07-TrainingACNN"]),
  Chapter("05-GRU", program: "gru", builtOn: ["04-FullyConnected"]),
  Chapter("06-LSTM", program: "lstm", uses: ["04-FullyConnected", "05-GRU"]),
  Chapter("07-TrainingACNN", program: "train-cnn", uses: ["02-Convolution"]),
  Chapter("08-TrainingAnRNN", program: "train-rnn"),
  Chapter("09-TrendsAndChallenges", program: "trends", uses: ["07-TrainingACNN", "08-TrainingAnRNN"]),
  Chapter("10-ChoosingAModel", program: "choose-model", uses: ["08-TrainingAnRNN"]),
  Chapter("11-TrainingLargeModels", program: "train-large", uses: trained, builtOn: sizes, floors: ["Ranks"]),
  Chapter("12-OptimizingModels", program: "optimize-model", uses: trained),
]

/// One line of the table.
struct Chapter {
  let folder: String
  let program: String?
  let uses: [String]
  let builtOn: [String]
  let floors: [Target.Dependency]

  init(
    _ folder: String, program: String?, uses: [String] = [], builtOn: [String] = [],
    floors: [Target.Dependency] = []
  ) {
    (self.folder, self.program, self.uses, self.builtOn, self.floors) = (
      folder, program, uses, builtOn, floors
    )
  }

  static func module(_ folder: String) -> String { "Chapter" + folder.replacing("-", with: "") }

  var module: Target.Dependency { .target(name: Self.module(folder)) }

  var exercisesModule: String? {
    leftOut.contains("Exercises") ? nil : program.map { _ in "Exercises" + folder.replacing("-", with: "") }
  }

  /// Its from-scratch module, the executable that runs its experiments, and its exercises. In debug builds the last two
  /// are not optimised: `./workbook` runs them from release builds, and tests would gain less than the compiler takes.
  var targets: [Target] {
    let others = (builtOn + uses).map { Target.Dependency.target(name: Self.module($0)) }
    let module = Target.target(
      name: Self.module(folder), dependencies: engine + floors + others.prefix(builtOn.count),
      path: "Chapters/\(folder)/Module",
      swiftSettings: optimized)
    let executable = program.map { program in
      Target.executableTarget(
        name: program, dependencies: engine + floors + ["Workbench", self.module] + others,
        path: "Chapters/\(folder)/Executable")
    }
    let exercises = exercisesModule.map { name in
      Target.target(
        name: name, dependencies: engine + ["Practice", "ExerciseChannel", "ExerciseKit"],
        path: "Exercises/\(folder)")
    }
    return [module] + [executable, exercises].compactMap { $0 }
  }
}

let chapterModules = chapters.map(\.module)
let exercisesModules = chapters.compactMap(\.exercisesModule)
let exercises = exercisesModules.map { Target.Dependency.target(name: $0) }
let chapterPrograms = chapters.compactMap(\.program).map { Target.Dependency.target(name: $0) }

let package = Package(
  name: "deep-learning-workbook",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Engine", targets: ["Engine"]),
    // For programs of one's own: options, progress, tables, `results.json`.
    .library(name: "Workbench", targets: ["Workbench"]),
    // What `Exercises/Package.swift` needs to check answers by `swift test`.
    .library(name: "ExerciseKit", targets: ["ExerciseKit"]),
    .library(name: "Exercises", targets: exercisesModules),
    .executable(name: "exercise-host", targets: ["exercise-host"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ]
    // The judge starts programs with it: learners need not fetch it.
    + (leftOut.contains("ExerciseKit")
      ? [] : [.package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2")]),
  targets: [
    // Libraries of the system.
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),

    // The engine, floor by floor: each imports only from those above it.
    .target(name: "CKernels", cSettings: optimizedC),
    floor("NumberText", []),
    floor("Tensors", ["COpenBLAS", "CKernels"]),
    floor("Formats", ["NumberText", "Tensors", "CPNG", "CZlib"]),
    floor("Autograd", ["Tensors", "CKernels"]),
    floor("Layers", ["NumberText", "Tensors", "Autograd", "CKernels"]),
    floor("Datasets", ["NumberText", "Tensors", "Formats"]),
    floor("Training", ["NumberText", "Tensors", "Formats", "Autograd", "Layers", "Datasets", "CKernels"]),
    .target(
      name: "Pictures", dependencies: ["NumberText", "Tensors", "Formats"], exclude: ["Font"],
      swiftSettings: optimized),
    floor("Engine", Array(engine.dropLast())),
    .target(name: "CPeak", cSettings: optimizedC),
    floor(
      "Workbench", engine + ["CPeak", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
    // Many processes that train one model: what they say to each other, in one process or by MPI.
    // The plug-in that calls MPI is compiled when it is first wanted, by MPI's own compiler.
    .target(name: "Ranks", dependencies: engine, exclude: ["Plugin"], swiftSettings: optimized),
    floor("Conformance", engine),
    .executableTarget(name: "golden", dependencies: engine + ["Conformance"], swiftSettings: optimized),
  ]
    + chapters.flatMap(\.targets)
    + [
      // How fast.
      .executableTarget(
        name: "bench",
        dependencies: engine + ["Workbench"] + chapterModules, path: "Benchmarks/Workloads",
        swiftSettings: optimized),

      // Exercises: what a learner's file imports, the process it runs in, and the judge.
      floor("Practice", ["Tensors"]),
      floor("ExerciseChannel", ["Tensors"]),
      .target(name: "CExerciseHost", cSettings: optimizedC),
      .executableTarget(
        name: "exercise-host", dependencies: engine + ["Practice", "ExerciseChannel", "CExerciseHost"],
        swiftSettings: optimized,
        // The learner's library finds the engine in the program that loads it.
        linkerSettings: [
          .unsafeFlags(["-Xlinker", "-export_dynamic"], .when(platforms: [.macOS])),
          .unsafeFlags(["-Xlinker", "--export-dynamic"], .when(platforms: [.linux])),
        ]),
      floor(
        "ExerciseKit",
        [
          "Tensors", "Formats", "Datasets", "Pictures", "ExerciseChannel", "CExerciseHost",
          .product(name: "Subprocess", package: "swift-subprocess"),
        ]),
      // The book's pages, filled in from committed results and from the sources.
      floor("BookKit", engine + ["Workbench"]),
      // The modules' documentation comments as a site, which links to the book.
      floor("Reference", engine + ["Workbench", "BookKit"]),
      // The pages as a site, as an EPUB and as a PDF.
      .target(
        name: "Site", dependencies: ["Formats", "BookKit"], exclude: ["Assets"], swiftSettings: optimized),
      // For instructors: what is handed out, collected and marked. It judges through ExerciseKit.
      floor(
        "Classroom", engine + ["Workbench", "BookKit", "ExerciseChannel", "ExerciseKit"]),
      // A package of its own, which one of the pages explains; compiled here too, so that it cannot go stale.
      .executableTarget(
        name: "shapes", dependencies: engine + ["Workbench"], path: "Book/your-own-model/Sources/shapes",
        swiftSettings: optimized),
      .executableTarget(
        name: "workbook",
        dependencies: engine + [
          "Workbench", "BookKit", "Reference", "Site", "ExerciseChannel", "ExerciseKit", "Classroom",
          "exercise-host",
          .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ] + exercises, swiftSettings: optimized),

      // Faults and bad input, tried by the thousand.
      .executableTarget(
        name: "torture",
        dependencies: engine + [
          "Ranks", "Workbench", "BookKit", "ExerciseChannel", "ExerciseKit", "Classroom",
          .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ], path: "Sources/Torture", swiftSettings: optimized),

      // Tests.
      .target(name: "CSanitizers", path: "Tests/Sanitizers", exclude: ["thread.txt", "leaks.txt"]),
      .testTarget(
        name: "BookTests",
        // What the reference shows is built before it is read.
        dependencies: engine + [
          "Workbench", "Ranks", "Practice", "ExerciseKit", "BookKit", "Reference", "shapes",
        ]),
      .testTarget(name: "SiteTests", dependencies: ["Formats", "BookKit", "Site"]),
      .testTarget(name: "NumberTextTests", dependencies: ["NumberText"]),
      .testTarget(
        name: "TensorsTests", dependencies: ["Tensors", "CSanitizers"], swiftSettings: optimized),
      .testTarget(
        name: "FormatsTests", dependencies: ["NumberText", "Formats", "Tensors"],
        resources: [.copy("Fixtures")]),
      .testTarget(name: "DatasetsTests", dependencies: ["Datasets", "Formats", "Tensors"]),
      .testTarget(name: "PicturesTests", dependencies: ["NumberText", "Pictures", "Formats", "Tensors"]),
      .testTarget(name: "AutogradTests", dependencies: engine + ["Chapter02Convolution"]),
      .testTarget(name: "LayersTests", dependencies: engine, swiftSettings: optimized),
      .testTarget(name: "TrainingTests", dependencies: engine),
      .testTarget(
        name: "GoldenTests", dependencies: engine + ["Conformance"], resources: [.copy("Fixtures")]),
      .testTarget(name: "WorkbenchTests", dependencies: engine + ["Workbench"]),
      .testTarget(name: "RanksTests", dependencies: engine + ["Ranks"]),
      // The figures of the book's site that readers touch, run in a browser.
      .testTarget(
        name: "TouchTests", dependencies: engine + ["Chapter07TrainingACNN", "Chapter10ChoosingAModel"]),
      .testTarget(name: "ChapterTests", dependencies: engine + ["Ranks"] + chapterModules),
      .testTarget(
        name: "ExecutableTests",
        dependencies: engine + ["Ranks", "Workbench", "bench", "workbook", "torture"] + chapterPrograms),
      .testTarget(
        name: "ExercisesTests",
        dependencies: engine + ["Practice", "ExerciseChannel", "ExerciseKit", "exercise-host"] + exercises),
      .testTarget(
        name: "ClassroomTests",
        dependencies: engine + [
          "Workbench", "BookKit", "Practice", "ExerciseChannel", "CExerciseHost", "ExerciseKit", "Classroom",
          "exercise-host", "workbook", .product(name: "Subprocess", package: "swift-subprocess"),
        ] + exercises),
    ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu11
)

package.targets.removeAll { leftOut.contains($0.name) }
package.products.removeAll { leftOut.contains($0.name) }

// `./workbook test --sanitize …` builds no more than it runs: the engine's tests and what they use.
if Context.environment["WORKBOOK_SANITIZER"] != nil {
  let tests: Set = [
    "NumberTextTests", "TensorsTests", "FormatsTests", "DatasetsTests", "AutogradTests", "LayersTests",
    "TrainingTests", "RanksTests", "Ranks", "Chapter02Convolution", "CSanitizers",
  ]
  let floors = package.targets.prefix { $0.name != "CPeak" }
  package.targets = floors + package.targets.filter { tests.contains($0.name) }
  package.products = []
}
