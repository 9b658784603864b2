// swift-tools-version: 6.2
import PackageDescription

// Debug builds are for learners: their own code keeps its checks, and the engine runs at full speed all the same.
let optimized: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]
let optimizedC: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno"])]

/// One floor of the engine: a library module under `Sources/`.
func floor(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: optimized)
}

/// One chapter: its from-scratch module, and the executable that runs its experiments.
func chapter(_ folder: String, module: String, executable: String, needs: [Target.Dependency] = []) -> [Target] {
  [
    .target(
      name: module, dependencies: ["Engine"] + needs, path: "Chapters/\(folder)/Module",
      swiftSettings: optimized),
    .executableTarget(
      name: executable, dependencies: [.target(name: module), "Engine", "Workbench"],
      path: "Chapters/\(folder)/Executable", swiftSettings: optimized),
  ]
}

let package = Package(
  name: "deep-learning-workbook",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Engine", targets: ["Engine"])
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
    floor("Layers", ["Autograd", "CKernels"]),
    floor("Datasets", ["Tensors", "Formats"]),
    floor("Training", ["Layers", "Datasets", "Formats", "CKernels"]),
    floor("Pictures", ["Tensors", "Formats"]),
    floor("Engine", ["Tensors", "Formats", "Autograd", "Layers", "Datasets", "Training", "Pictures"]),
    floor("Conformance", ["Engine"]),
    .executableTarget(name: "golden", dependencies: ["Conformance"], swiftSettings: optimized),
    floor("Workbench", ["Engine", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
  ]
    + chapter("02-Convolution", module: "Chapter02Convolution", executable: "convolution")
    + chapter("07-TrainingACNN", module: "Chapter07TrainingACNN", executable: "train-cnn")
    + [
      .executableTarget(
        name: "kernel-bench", dependencies: ["Tensors"], path: "Benchmarks/Kernels", swiftSettings: optimized),
      .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
      .testTarget(name: "AutogradTests", dependencies: ["Autograd", "Chapter02Convolution"]),
      .testTarget(name: "TrainingTests", dependencies: ["Engine"]),
      .testTarget(name: "GoldenTests", dependencies: ["Conformance"], resources: [.copy("Fixtures")]),
    ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu11
)
