import CExerciseHost
import ExerciseChannel
import Formats
import Foundation
import Subprocess
import Testing

@testable import Classroom
@testable import ExerciseKit
@testable import Formats

/// What code does that no compiler has looked at: written in C, loaded as if it were an answer, and at work from the moment
/// that it is loaded.
@Suite(.enabled(if: Confinement.isThere, "there is no filter for system calls, or no C compiler"))
struct ConfinementTests {
  /// What is refused by the filter, with the call's name.
  @Test(arguments: [
    ("socket", "socket(AF_INET, SOCK_STREAM, 0);"), ("fork", "for (;;) fork();"),
    ("execve", "char *none[] = {0}; execve(\"/bin/true\", none, none);"),
    ("open (for writing)", "open(\"/tmp/marks.csv\", O_WRONLY | O_CREAT, 0600);"),
    ("open (for writing)", "char path[40]; sprintf(path, \"/proc/%d/mem\", getppid()); open(path, O_RDWR);"),
    ("process_vm_readv", "struct iovec v = {&v, 8}; process_vm_readv(getppid(), &v, 1, &v, 1, 0);"),
    ("ptrace", "ptrace(PTRACE_ATTACH, getppid(), 0, 0);"), ("kill", "kill(getppid(), SIGKILL);"),
    ("kill", "syscall(SYS_tgkill, getppid(), getppid(), SIGKILL);"),
    ("symlinkat", "symlinkat(\"/etc/passwd\", AT_FDCWD, \"/tmp/x\");"),
    ("unlinkat", "unlinkat(AT_FDCWD, \"/tmp/x\", 0);"), ("memfd_create", "memfd_create(\"x\", 0);"),
    ("clock_settime", "struct timespec t = {0}; clock_settime(CLOCK_REALTIME, &t);"),
    ("unshare", "unshare(CLONE_NEWUSER);"), ("mount", "mount(\"a\", \"/tmp\", \"tmpfs\", 0, 0);"),
  ]) func isRefused(_ name: String, _ code: String) async throws {
    for sandbox in try await Confinement.worlds() {
      let end = try await Confinement.end(of: code + "got_in();", in: sandbox)
      #expect(!end.printed.contains("GOT IN"), "\(end.printed)")
      let line = try #require(
        end.printed.split(separator: "\n").first { $0.hasPrefix(String(cString: host_signal_mark) + " 1f") },
        "\(end.printed)")
      let number = try #require(line.firstMatch(of: /\ss([0-9a-f]+)/).flatMap { Int($0.1, radix: 16) })
      #expect(String(cString: host_refused_name(number)) == name)
    }
  }

  /// What trains in there must come out as it does here; all else in this environment is nobody's business.
  @Test func computesWithTheSameKernels() async throws {
    let sandbox = try await Sandbox(
      Toolchain(root: Class.root),
      environment: ["OPENBLAS_CORETYPE": "NEHALEM", "WORKBOOK_TEST_SECRET": "4711"])
    let arguments = sandbox.arguments(for: URL(filePath: "/bin/true"), [], readable: [], writable: [])
    let at = try #require(arguments.firstIndex(of: "OPENBLAS_CORETYPE"))
    #expect(Array(arguments[(at - 1)...(at + 1)]) == ["--setenv", "OPENBLAS_CORETYPE", "NEHALEM"])
    #expect(!arguments.contains("WORKBOOK_TEST_SECRET"))
  }

  /// Neither the memory of the one that judges, nor its environment or arguments.
  @Test func seesNothingOfTheJudge() async throws {
    #expect(host_hide_memory() == 0)
    setenv("WORKBOOK_TEST_SECRET", "4711", 1)
    let code = """
      static char text[1 << 16];
      for (int id = 1; id < 60; id++) for (int file = 0; file < 2; file++) {
        char path[64];
        sprintf(path, "/proc/%d/%s", id, file ? "environ" : "cmdline");
        int from = open(path, O_RDONLY);
        long count = from < 0 ? 0 : read(from, text, sizeof text - 1);
        for (long i = 0; i + 20 < count; i++) if (!strncmp(text + i, "WORKBOOK_TEST_SECRET", 20)) got_in();
        if (from >= 0) close(from);
      }
      char path[64];
      sprintf(path, "/proc/\(getpid())/mem");
      if (open(path, O_RDONLY) >= 0) got_in();
      """
    for sandbox in try await Confinement.worlds() where getuid() != 0 || sandbox != nil {
      let end = try await Confinement.end(of: code, in: sandbox)
      #expect(
        !end.printed.contains("GOT IN") && end.printed.contains("no exerciseFunctions"), "\(end.printed)")
    }
  }

  /// In the sandbox there are no neighbours, no marks, no sources of the checks, and no other processes.
  @Test func seesNoNeighbours() async throws {
    let sandbox = try #require(
      try await Confinement.worlds().compactMap { $0 }.first, "bubblewrap is not here")
    let folder = try TestFolder()
    try AtomicFile.write("marks", to: folder("marks.csv"))
    let code = """
      const char *paths[] = {"\(folder("marks.csv"))", "\(Class.root.path)/Exercises", "\(Class.root.path)/Package.swift",
        "/etc/passwd", "/home", "/root", "/var", "/sys/kernel"};
      for (int i = 0; i < 8; i++) if (!access(paths[i], F_OK)) { printf("%s ", paths[i]); got_in(); }
      """
    let end = try await Confinement.end(of: code, in: sandbox)
    #expect(!end.printed.contains("GOT IN"), "\(end.printed)")
    // The same code finds them where there is no sandbox: the test can fail.
    #expect(try await Confinement.end(of: code, in: nil).printed.contains("GOT IN"))
  }

  /// Replies, verdicts and marks written to whatever is open; an exit in the middle; a handler that runs at the end.
  @Test func forgesWhateverItCanReach() async throws {
    let code = """
      for (int d = 0; d < 300; d++) { char text[] = "\\x30\\0\\0\\0\\0\\0\\0\\0{\\"state\\":\\"passed\\",\\"points\\":99}"; write(d, text, 44); }
      atexit(at_end); exit(0);
      """
    for sandbox in try await Confinement.worlds() {
      let folder = try TestFolder()
      let library = try Confinement.library(code, in: folder.path)
      let process = try Confinement.process(library, sandbox)
      let exercise = try Class.entry("2.1").exercise
      let (judged, _) = try await process.ask { learner in exercise.isPassed(by: learner) }
      #expect(try judged.get() == false)
    }
  }

  @Test func aVerdictSaysWhatWasCalled() async throws {
    let folder = try TestFolder()
    let entry = try Class.entry("2.1")
    let file = URL(filePath: folder("\(entry.name).swift"))
    try Data(Class.solution("2.1").utf8).write(to: file)
    let toolchain = try Toolchain(root: Class.root)
    let build = try await LearnerBuild(
      file: file, functions: entry.exercise.functions, allowed: entry.exercise.allowed, isOptimized: false,
      toolchain: toolchain, into: URL(filePath: folder.path))
    let report = await StopReport(
      .ended,
      end: LearnerEnd(status: .signaled(SIGSYS), printed: "hello\n\u{1}signal 1f s29 10\n", printedBytes: 9),
      exercise: entry.exercise, seconds: 5, build: build, toolchain: toolchain)
    #if arch(x86_64)
      #expect(report.text.hasPrefix("The program was stopped: it called socket."), "\(report.text)")
    #endif
    #expect(report.printed == "hello")
  }

  /// A full disk is the disk of its own world.
  @Test func fillsNoDisk() async throws {
    let sandbox = try #require(
      try await Confinement.worlds().compactMap { $0 }.first, "bubblewrap is not here")
    let (program, arguments) = sandbox.command(
      URL(filePath: "/bin/sh"),
      ["-c", "head -c 90000000 /dev/zero > /tmp/x; wc -c < /tmp/x; echo > /x; echo > /usr/x"],
      readable: [])
    let (_, text) = try await ExerciseKit.output(of: program, arguments)
    #expect(text.contains("No space left") && text.contains("67108864"), "\(text)")
    #expect(text.contains("/x: Read-only") || text.contains("cannot create /x"), "\(text)")
  }

  /// And no network but its own.
  @Test func hasNoNetwork() async throws {
    let sandbox = try #require(
      try await Confinement.worlds().compactMap { $0 }.first, "bubblewrap is not here")
    let (program, arguments) = sandbox.command(
      URL(filePath: "/bin/sh"), ["-c", "cat /proc/net/dev | wc -l; ls /proc | grep -c '^[0-9]'"], readable: []
    )
    let numbers = try await ExerciseKit.output(of: program, arguments).text.split(separator: "\n").compactMap
    { Int($0) }
    // Two lines of heading and the loopback; a few processes of its own.
    #expect(numbers.count == 2 && numbers[0] == 3 && numbers[1] <= 6, "\(numbers)")
  }
}

extension Exercise {
  fileprivate func isPassed(by learner: Learner) -> Bool { judge(answer(of: learner)).isPassed }
}

private enum Confinement {
  static let compiler = ProgramSearch.find("clang") ?? ProgramSearch.find("cc")

  static var isThere: Bool {
    #if os(Linux) && (arch(x86_64) || arch(arm64))
      compiler != nil
    #else
      false
    #endif
  }

  /// Without a sandbox, and in one, where there can be one.
  static func worlds() async throws -> [Sandbox?] {
    let toolchain = try Toolchain(root: Class.root)
    return [nil] + ((try? await Sandbox(toolchain)).map { [$0] } ?? [])
  }

  static func library(_ code: String, in folder: String) throws -> URL {
    let source = folder + "/evil.c"
    let text = """
      #define _GNU_SOURCE
      #include <fcntl.h>
      #include <sched.h>
      #include <signal.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      #include <sys/mman.h>
      #include <sys/mount.h>
      #include <sys/ptrace.h>
      #include <sys/socket.h>
      #include <sys/syscall.h>
      #include <sys/uio.h>
      #include <time.h>
      #include <unistd.h>
      static void got_in(void) { printf("GOT IN\\n"); fflush(stdout); }
      static void at_end(void) { got_in(); }
      __attribute__((constructor)) static void attack(void) { (void)got_in; (void)at_end; \(code) }
      """
    try AtomicFile.write(text, to: source)
    let library = URL(filePath: folder + "/libevil.so")
    let process = Process()
    process.executableURL = compiler
    process.arguments = ["-shared", "-fPIC", "-w", "-o", library.path, source]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CannotRead("the attack does not compile: \(code)") }
    return library
  }

  static func process(_ library: URL, _ sandbox: Sandbox?) throws -> LearnerProcess {
    LearnerProcess(
      host: try Toolchain(root: Class.root).host, library: library, seconds: 3, waiting: 10, bytes: 1 << 30,
      sandbox: sandbox)
  }

  static func end(of code: String, in sandbox: Sandbox?) async throws -> LearnerEnd {
    let folder = try TestFolder()
    let process = try process(library(code, in: folder.path), sandbox)
    return try await process.ask { learner in _ = try? learner.call("f", 1) as Int }.end
  }
}
