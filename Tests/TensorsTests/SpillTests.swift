import Foundation
import Testing

/// The tiles of a product as SwiftPM compiled them: their sums must stay in registers.
///
/// Source and flags look innocent when they do not: SwiftPM keeps frame pointers, one general register fewer is left,
/// and a loop that clang unrolls may then store vectors on the stack in every step. The object file shows it.
private enum CompiledTiles {
  /// The functions that hold tiles, without the number that clang gives to the variants for a processor; by the files
  /// that they stand in.
  static let files = [
    "packed_gemm.c.o": [
      "wide_rows", "wide_packed", "folded_packed", "copying_rows", "rows_copied",
      "narrow_rows.arch_x86-64-v3", "narrow_packed.arch_x86-64-v3",
    ],
    "windows_product.c.o": [
      "wide_standing", "wide_copied", "folded_standing", "folded_copied", "narrow_standing.arch_x86-64-v3",
      "narrow_copied.arch_x86-64-v3",
    ],
    "image_product.c.o": ["wide_image", "narrow_image.arch_x86-64-v3"],
  ]
  static var names: [String] { files.values.flatMap(\.self).sorted() }

  /// The instructions of each function of the object files, or why they cannot be had.
  static let instructions: Result<[String: [Substring]], Missing> = {
    guard let objdump = ["/usr/bin/objdump", "/usr/local/bin/objdump"].first(where: isExecutable) else {
      return .failure(Missing("there is no objdump"))
    }
    guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
      return .failure(Missing("this system does not say where the program lies"))
    }
    let folder = URL(fileURLWithPath: program).deletingLastPathComponent()
      .appendingPathComponent("CKernels.build")
    let objects = files.keys.sorted().map { folder.appendingPathComponent($0).path }
    for object in objects where !FileManager.default.fileExists(atPath: object) {
      return .failure(Missing("\(object) is not there"))
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: objdump)
    process.arguments = ["-d", "--no-show-raw-insn"] + objects
    let pipe = Pipe()
    process.standardOutput = pipe
    do { try process.run() } catch { return .failure(Missing("objdump does not start: \(error)")) }
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let functions = Self.functions(of: text)
    if !names.allSatisfy({ functions[$0] != nil }) {
      return .failure(
        Missing("compiled without variants for AVX2 and AVX-512: another processor, or a sanitizer"))
    }
    return .success(functions)
  }()

  struct Missing: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
  }

  static var reason: String {
    if case .failure(let missing) = instructions { missing.reason } else { "" }
  }
  static var canBeRead: Bool { reason.isEmpty }

  private static func isExecutable(_ path: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: path)
  }

  /// `0000000000000010 <name.number>:` begins a function; what follows are its instructions.
  static func functions(of text: String) -> [String: [Substring]] {
    var functions: [String: [Substring]] = [:]
    var name = ""
    for line in text.split(separator: "\n") {
      if line.hasSuffix(">:"), let start = line.firstIndex(of: "<") {
        name = String(line[line.index(after: start)...].dropLast(2))
        if let dot = name.lastIndex(of: "."), Int(name[name.index(after: dot)...]) != nil {
          name = String(name[..<dot])
        }
        functions[name] = []
      } else {
        functions[name, default: []].append(line)
      }
    }
    return functions
  }

  /// Whether an instruction moves a vector to or from the stack.
  static func spills(_ instruction: Substring) -> Bool {
    (instruction.contains("(%rsp") || instruction.contains("(%rbp"))
      && ["%xmm", "%ymm", "%zmm"].contains { instruction.contains($0) }
  }
}

@Suite struct SpillTests {
  @Test(
    .enabled(if: CompiledTiles.canBeRead, "skipped: \(CompiledTiles.reason)"), arguments: CompiledTiles.names)
  func noTileKeepsVectorsOnTheStack(_ name: String) throws {
    let instructions = try #require(try CompiledTiles.instructions.get()[name])
    // It is the tile that is looked at: it multiplies and adds.
    let products = instructions.count { $0.contains("vfmadd") }
    #expect(products > 20, "\(name): \(products) products")
    let spilt = instructions.filter(CompiledTiles.spills)
    let first = spilt.first.map(String.init) ?? ""
    #expect(spilt.count == 0, "\(name): vectors go by way of the stack, the first by '\(first)'")
  }

  /// Where a multiplication is to read its number from memory, the compiler may still have put a load before it, or made
  /// an address of two registers, which the processor takes apart again.
  @Test(
    .enabled(if: CompiledTiles.canBeRead, "skipped: \(CompiledTiles.reason)"),
    arguments: ["folded_packed", "copying_rows", "rows_copied", "folded_standing", "folded_copied"])
  func numbersAreReadByTheMultiplications(_ name: String) throws {
    let instructions = try #require(try CompiledTiles.instructions.get()[name])
    let products = instructions.filter { $0.contains("vfmadd") && $0.contains("%zmm") }
    let reading = products.filter { $0.contains("{1to16}") }
    let scattered = reading.filter { $0.contains(/\([^)]*,/) }
    #expect(2 * reading.count > products.count, "\(name): \(reading.count) of \(products.count)")
    #expect(10 * scattered.count < reading.count, "\(name): \(scattered.count) with two registers")
  }

  @Test func aVectorOnTheStackIsSeen() {
    let text = """
      packed_gemm.c.o:     file format elf64-x86-64

      0000000000000000 <wide_rows>:
             0:	push   %rbp
            18:	vmovaps %zmm3,0x40(%rsp)
            20:	vmovups (%rsi),%zmm3

      0000000000000100 <narrow_rows.arch_x86-64-v3.0>:
           100:	vaddps -0x20(%rbp),%ymm1,%ymm2
           108:	mov    0x10(%rsp),%rax
      """
    let functions = CompiledTiles.functions(of: text)
    #expect(functions["wide_rows"]?.count(where: CompiledTiles.spills) == 1)
    #expect(functions["narrow_rows.arch_x86-64-v3"]?.count(where: CompiledTiles.spills) == 1)
  }
}
