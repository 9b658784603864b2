// The learner's process: loads the library made from one learner's file and answers calls of its functions.
//
//     exercise-host LIBRARY MEMORY SECONDS
//
// Requests come in over standard input, which is a socket, and replies go back the same way. What the learner's code
// prints is never taken for an answer. Checks, expected values and the verdict are in the process that calls.

import CExerciseHost
import ExerciseChannel
import Tensors

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Ends this process with a message for the one that started it.
func fail(_ message: String) -> Never {
  let line = Array("exercise-host: \(message)\n".utf8)
  write(STDERR_FILENO, line, line.count)
  exit(2)
}

guard CommandLine.arguments.count == 4, let memory = Int(CommandLine.arguments[2]),
  let seconds = Int(CommandLine.arguments[3])
else { fail("usage: exercise-host LIBRARY MEMORY SECONDS") }

// The channel moves to a descriptor of its own, so that reading the keyboard finds nothing.
let channel = Channel(descriptor: fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 100))
let nothing = open("/dev/null", O_RDONLY)
dup2(nothing, STDIN_FILENO)

var problem = host_limit(memory, seconds, 16 << 20)
if problem != 0 { fail("the limits could not be set: \(String(cString: strerror(problem)))") }
// Should the process that asks be killed, nobody else would end this one.
problem = host_end_with(channel.descriptor)
if problem != 0 { fail("the other end cannot be watched: \(String(cString: strerror(problem)))") }
host_report_signals(nil)

// From here on there is a learner's code: what a library does while it is loaded is done in here as well.
problem = host_confine()
if problem != 0 { fail("the process could not be confined: \(String(cString: strerror(problem)))") }

guard let library = dlopen(CommandLine.arguments[1], RTLD_NOW | RTLD_LOCAL) else {
  fail(String(cString: dlerror()))
}
guard let symbol = dlsym(library, "exerciseFunctions") else { fail("the library has no exerciseFunctions") }
host_report_signals(symbol)

typealias Functions = @convention(c) () -> UnsafeMutableRawPointer
let table = Unmanaged<FunctionTable>.fromOpaque(unsafeBitCast(symbol, to: Functions.self)())
  .takeRetainedValue()

do {
  while true { try channel.send(table.answer(Request(bytes: channel.receive()))) }
} catch ChannelError.closed {
  exit(0)
} catch {
  fail("a request could not be read")
}
