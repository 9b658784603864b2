// swift-tools-version: 6.2
import PackageDescription

// Checks your answers without the workbook's own command:
//
//     swift test --package-path Exercises --filter Ch02
//
// It is a package of its own, so that answers that are not right yet never fail the workbook's own tests.
let package = Package(
  name: "exercises",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "deep-learning-workbook", path: "..")],
  targets: [
    .testTarget(
      name: "ChapterTests",
      dependencies: [
        .product(name: "ExerciseKit", package: "deep-learning-workbook"),
        .product(name: "Exercises", package: "deep-learning-workbook"),
        .product(name: "exercise-host", package: "deep-learning-workbook"),
      ], path: "Tests")
  ],
  swiftLanguageModes: [.v6]
)
