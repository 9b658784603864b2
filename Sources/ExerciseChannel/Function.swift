/// One of the learner's functions, ready to be called with values from another process.
public struct Function: Sendable {
  /// What it is called by.
  public let name: String
  let call: @Sendable ([Value]) throws -> Value

  /// A function with one result.
  public init<each Argument: Passable, Result: Passable>(
    _ name: String, _ function: @escaping @Sendable (repeat each Argument) throws -> Result
  ) {
    self.name = name
    call = { values in
      var rest = Arguments(values)
      return try function(repeat try rest.next((each Argument).self)).value
    }
  }

  /// A function with two results, which travel as a list.
  public init<each Argument: Passable, First: Passable, Second: Passable>(
    _ name: String, _ function: @escaping @Sendable (repeat each Argument) throws -> (First, Second)
  ) {
    self.name = name
    call = { values in
      var rest = Arguments(values)
      let (first, second) = try function(repeat try rest.next((each Argument).self))
      return .list([first.value, second.value])
    }
  }

  /// A function with three results, which travel as a list.
  public init<each Argument: Passable, First: Passable, Second: Passable, Third: Passable>(
    _ name: String, _ function: @escaping @Sendable (repeat each Argument) throws -> (First, Second, Third)
  ) {
    self.name = name
    call = { values in
      var rest = Arguments(values)
      let (first, second, third) = try function(repeat try rest.next((each Argument).self))
      return .list([first.value, second.value, third.value])
    }
  }

  /// A function with four results, which travel as a list.
  public init<
    each Argument: Passable, First: Passable, Second: Passable, Third: Passable,
    Fourth: Passable
  >(
    _ name: String,
    _ function: @escaping @Sendable (repeat each Argument) throws -> (First, Second, Third, Fourth)
  ) {
    self.name = name
    call = { values in
      var rest = Arguments(values)
      let (first, second, third, fourth) = try function(repeat try rest.next((each Argument).self))
      return .list([first.value, second.value, third.value, fourth.value])
    }
  }
}

/// The arguments of one call, taken from the front one by one.
private struct Arguments {
  private var values: ArraySlice<Value>

  init(_ values: [Value]) { self.values = values[...] }

  mutating func next<Argument: Passable>(_: Argument.Type) throws -> Argument {
    guard let value = values.popFirst(), let argument = Argument(value) else { throw MalformedMessage() }
    return argument
  }
}

/// All functions that one exercise asks for: what a learner's library hands to the program that loads it.
public final class FunctionTable: Sendable {
  let functions: [String: Function]

  /// The functions of one exercise; of two with the same name, the first counts.
  public init(_ functions: [Function]) {
    self.functions = Dictionary(functions.map { ($0.name, $0) }) { first, _ in first }
  }

  /// The answer to one request, as the bytes to send back.
  public func answer(_ request: Request) -> [UInt8] {
    do {
      guard let function = functions[request.function] else { throw MalformedMessage() }
      return Reply.value(try function.call(request.arguments)).bytes(number: request.number)
    } catch {
      let isUnfinished = String(reflecting: type(of: error)) == "Practice.Unfinished"
      return (isUnfinished ? Reply.unfinished : .threw("\(error)")).bytes(number: request.number)
    }
  }
}
