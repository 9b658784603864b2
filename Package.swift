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
  "Tensors", "Formats", "Autograd", "Layers", "Datasets", "Training", "Pictures", "Engine",
]

/// One floor of the engine: a library module under `Sources/`.
func floor(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: optimized)
}

/// One chapter: its from-scratch module, and the executable that runs its experiments.
///
/// - Parameter others: Other chapters' modules that the program shows experiments of.
func chapter(_ folder: String, module: String, executable: String, uses others: [Target.Dependency] = [])
  -> [Target]
{
  [
    .target(
      name: module, dependencies: engine, path: "Chapters/\(folder)/Module",
      swiftSettings: optimized),
    .executableTarget(
      name: executable, dependencies: engine + ["Workbench", .target(name: module)] + others,
      path: "Chapters/\(folder)/Executable", swiftSettings: optimized),
  ]
}

/// A chapter's module alone, where its program is yet to come.
func chapterModule(_ folder: String, module: String) -> Target {
  .target(
    name: module, dependencies: engine, path: "Chapters/\(folder)/Module", swiftSettings: optimized)
}

/// What lies beside the exercises; the package of their own leaves a file there when it is used.
let besidesExercises = ["Yours", "Package.swift", "Package.resolved", "Tests"].filter {
  FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/Exercises/\($0)")
}

let package = Package(
  name: "deep-learning-workbook",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Engine", targets: ["Engine"]),
    // What `Exercises/Package.swift` needs to check answers by `swift test`.
    .library(name: "ExerciseKit", targets: ["ExerciseKit"]),
    .library(name: "Exercises", targets: ["Exercises"]),
    .executable(name: "exercise-host", targets: ["exercise-host"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
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
    floor("Tensors", ["COpenBLAS", "CKernels"]),
    floor("Formats", ["Tensors", "CPNG", "CZlib"]),
    floor("Autograd", ["Tensors", "CKernels"]),
    floor("Layers", ["Tensors", "Autograd", "CKernels"]),
    floor("Datasets", ["Tensors", "Formats"]),
    floor("Training", ["Tensors", "Formats", "Autograd", "Layers", "Datasets", "CKernels"]),
    .target(
      name: "Pictures", dependencies: ["Tensors", "Formats"], exclude: ["Font"], swiftSettings: optimized),
    floor("Engine", Array(engine.dropLast())),
    .target(name: "CPeak", cSettings: optimizedC),
    floor(
      "Workbench", engine + ["CPeak", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
    floor("Conformance", engine),
    .executableTarget(name: "golden", dependencies: engine + ["Conformance"], swiftSettings: optimized),
  ]
    + chapter("01-BigAndSmall", module: "Chapter01BigAndSmall", executable: "big-and-small")
    + chapter(
      "02-Convolution", module: "Chapter02Convolution", executable: "convolution",
      uses: ["Chapter07TrainingACNN"])
    + chapter("03-Pooling", module: "Chapter03Pooling", executable: "pooling")
    + chapter(
      "04-FullyConnected", module: "Chapter04FullyConnected", executable: "fully-connected",
      uses: ["Chapter07TrainingACNN"])
    + chapter("07-TrainingACNN", module: "Chapter07TrainingACNN", executable: "train-cnn")
    + [
      chapterModule("08-TrainingAnRNN", module: "Chapter08TrainingAnRNN"),
      chapterModule("10-ChoosingAModel", module: "Chapter10ChoosingAModel"),

      // How fast.
      .executableTarget(
        name: "bench",
        dependencies: engine + [
          "Workbench", "Chapter01BigAndSmall", "Chapter02Convolution", "Chapter07TrainingACNN",
          "Chapter08TrainingAnRNN",
          "Chapter10ChoosingAModel",
        ], path: "Benchmarks/Workloads", swiftSettings: optimized),

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
          "Tensors", "Formats", "Pictures", "ExerciseChannel", "CExerciseHost",
          .product(name: "Subprocess", package: "swift-subprocess"),
        ]),
      .target(
        name: "Exercises",
        dependencies: [
          "Tensors", "Formats", "Datasets", "Pictures", "Practice", "ExerciseChannel", "ExerciseKit",
        ],
        path: "Exercises", exclude: besidesExercises, swiftSettings: optimized),
      // The book's pages, filled in from committed results and from the sources.
      floor("BookKit", engine + ["Workbench"]),
      .executableTarget(
        name: "workbook",
        dependencies: engine + [
          "Workbench", "BookKit", "ExerciseChannel", "ExerciseKit", "Exercises", "exercise-host",
          .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ], swiftSettings: optimized),

      // Tests.
      .testTarget(name: "BookTests", dependencies: engine + ["Workbench", "BookKit"]),
      .testTarget(name: "TensorsTests", dependencies: ["Tensors"], swiftSettings: optimized),
      .testTarget(
        name: "FormatsTests", dependencies: ["Formats", "Tensors"], resources: [.copy("Fixtures")]),
      .testTarget(name: "DatasetsTests", dependencies: ["Datasets", "Formats", "Tensors"]),
      .testTarget(name: "PicturesTests", dependencies: ["Pictures", "Formats", "Tensors"]),
      .testTarget(name: "AutogradTests", dependencies: engine + ["Chapter02Convolution"]),
      .testTarget(name: "LayersTests", dependencies: engine, swiftSettings: optimized),
      .testTarget(name: "TrainingTests", dependencies: engine),
      .testTarget(
        name: "GoldenTests", dependencies: engine + ["Conformance"], resources: [.copy("Fixtures")]),
      .testTarget(name: "WorkbenchTests", dependencies: engine + ["Workbench"]),
      .testTarget(
        name: "ChapterTests",
        dependencies: engine + [
          "Chapter01BigAndSmall", "Chapter02Convolution", "Chapter03Pooling", "Chapter04FullyConnected",
          "Chapter07TrainingACNN", "Chapter08TrainingAnRNN", "Chapter10ChoosingAModel",
        ]),
      .testTarget(
        name: "ExecutableTests",
        dependencies: engine + [
          "big-and-small", "convolution", "pooling", "fully-connected", "train-cnn", "bench", "workbook",
        ]),
      .testTarget(
        name: "ExercisesTests",
        dependencies: ["Tensors", "Formats", "Pictures", "ExerciseKit", "Exercises", "exercise-host"]),
    ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu11
)
