import Foundation
import Testing

@testable import ExerciseKit

/// Where the compiler's modules are kept, in a workbook that somebody else owns.
@Suite struct ModuleCacheTests {
  @Test func besideTheProductsWhereOneMayWrite() throws {
    let products = FileManager.default.temporaryDirectory.appending(path: "products-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: products, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: products) }
    #expect(ModuleCache.folder(beside: products).path == products.path + "/LearnerModuleCache")
  }

  /// A folder that may not be written to; one that is not there stands for it, since the administrator may write anywhere.
  @Test func inAFolderOfOnesOwnElsewhere() throws {
    let own = ModuleCache.folder(beside: URL(filePath: "/nowhere/at/all"))
    #expect(own.lastPathComponent == "workbook-modules-\(getuid())")
    var status = stat()
    #expect(lstat(own.path, &status) == 0)
    #expect(status.st_uid == getuid() && status.st_mode & 0o022 == 0)
  }
}
