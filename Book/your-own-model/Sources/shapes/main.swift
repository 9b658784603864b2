import Foundation

var arguments = Array(CommandLine.arguments.dropFirst())
do {
  switch (arguments.first, arguments.count) {
  case ("draw", 2): try draw(into: arguments[1])
  case ("train", 3): try train(on: arguments[1], writing: arguments[2])
  case ("read", 3): try read(arguments[1], with: arguments[2])
  default:
    print("usage: shapes draw FOLDER | train FOLDER WEIGHTS | read PICTURE WEIGHTS")
    exit(2)
  }
} catch {
  FileHandle.standardError.write(Data("error: \(error)\n".utf8))
  exit(1)
}
