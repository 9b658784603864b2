// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "shapes",
  platforms: [.macOS(.v15)],
  // Where the workbook is: a path from this folder on.
  dependencies: [.package(name: "deep-learning-workbook", path: "../..")],
  targets: [
    .executableTarget(
      name: "shapes",
      dependencies: [
        .product(name: "Engine", package: "deep-learning-workbook"),
        .product(name: "Workbench", package: "deep-learning-workbook"),
      ])
  ])
