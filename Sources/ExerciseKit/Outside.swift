import Foundation

/// What an answer may use besides the engine: modules to import, and functions of the system. Whatever is not listed is
/// refused, so that nobody has to think of everything that reaches beyond a learner's own process.
///
/// This keeps answers to what exercises are about, and honest. It is no wall against somebody who writes machine code.
enum Outside {
  /// The engine's own floors, for programs that may use them.
  static let floors: Set = [
    "NumberText", "Tensors", "Formats", "Autograd", "Layers", "Datasets", "Training", "Pictures", "Engine",
  ]

  /// What an answer may import.
  static let imports: Set<String> = floors.union([
    "Swift", "Practice", "Foundation", "FoundationEssentials", "Glibc", "Musl", "Darwin", "Synchronization",
    "RegexBuilder",
  ])

  /// Modules whose compiled names may appear, besides the engine's, which have a rule of their own.
  private static let modules: Set = [
    "Swift", "SwiftOnoneSupport", "Practice", "ExerciseChannel", "_StringProcessing", "_RegexParser",
    "RegexBuilder",
    "Synchronization", "_Builtin_float", "Builtin", "__C",
  ]

  private static let foundation: Set = [
    "Foundation", "FoundationEssentials", "FoundationInternationalization",
  ]

  /// Foundation's types that only hold and write values. Its functions are those of mathematics.
  private static let foundationTypes: Set = [
    "BinaryFormatStyle", "Calendar", "CharacterSet", "ComparisonResult", "ContiguousBytes", "Data",
    "DataProtocol",
    "Date", "DateComponents", "DateInterval", "Decimal", "FloatingPointFormatStyle", "FormatStyle",
    "IndexPath",
    "IndexSet", "IntegerFormatStyle", "ListFormatStyle", "LocalizedError", "Locale", "NSNumber", "NSObject",
    "NSRange",
    "NSRegularExpression", "NSString", "NumberFormatStyleConfiguration", "NumberFormatter", "SortComparator",
    "SortOrder", "StringProtocol", "TimeZone", "UUID", "_NSRange",
  ]

  /// The first name in a compiled library that reaches outside; nil where there is none.
  static func firstForbidden(among symbols: [String], ownModule: String, engine: Set<String>) -> String? {
    for symbol in symbols {
      if symbol.hasPrefix("$s") || symbol.hasPrefix("_$s") {
        guard let text = demangled(symbol) else { continue }
        if let name = forbidden(inSwift: text, ownModule: ownModule, engine: engine) { return name }
      } else {
        #if os(macOS)
          let name = symbol.hasPrefix("_") ? String(symbol.dropFirst()) : symbol
        #else
          let name = symbol
        #endif
        if !isAllowed(inC: name) { return name }
      }
    }
    return nil
  }

  /// Each name in it that begins with a module: "Swift.Array", "Foundation.Date".
  private static func forbidden(inSwift text: String, ownModule: String, engine: Set<String>) -> String? {
    for match in text.matches(of: #/(?:^|[^\w.])([A-Za-z_]\w*)\.([A-Za-z_]\w*)/#) {
      let (module, name) = (String(match.1), String(match.2))
      // "A.Index" is about a generic parameter.
      if module.wholeMatch(of: /[A-Z]\d*/) != nil || module == ownModule || engine.contains(module)
        || modules.contains(module)
      {
        continue
      }
      guard foundation.contains(module) else { return name }
      if name.first?.isUppercase == true && !foundationTypes.contains(name) { return name }
    }
    // What reads and writes files is also a member of types that do not: String(contentsOfFile:), Data.write(to:).
    if foundation.contains(where: { text.contains($0) }),
      let match = text.firstMatch(of: /\.(?:init\((contentsOf\w*)|(write)\()/)
    {
      return String(match.1 ?? match.2 ?? "")
    }
    return nil
  }

  static func isAllowed(inC symbol: String) -> Bool {
    let name = String(symbol.prefix { $0 != "@" })
    return functions.contains(name)
      || name.wholeMatch(of: /_*swift\w+|_?objc_\w+|_ITM_\w+|_Unwind_\w+|_+asan_\w+|_+tsan_\w+/) != nil
      || name.wholeMatch(of: /__(u?div|u?mod|mul|float|fix|trunc|extend|clz|ctz|popcount|gnu_)[a-z0-9_]*/)
        != nil
      || mathematics.contains(name)
      || (name.hasSuffix("f") || name.hasSuffix("l")) && mathematics.contains(String(name.dropLast()))
  }

  /// Memory, numbers and text, clocks, chance, and the ways to end or to wait.
  private static let functions: Set = [
    "__cxa_atexit", "__cxa_finalize", "__errno_location", "__gmon_start__", "__memcpy_chk", "__memmove_chk",
    "__memset_chk", "__stack_chk_fail", "__tls_get_addr", "abort", "abs", "aligned_alloc", "atof", "atoi",
    "atol",
    "bzero", "calloc", "clock", "clock_gettime", "div", "dyld_stub_binder", "exit", "fflush", "fputc",
    "fputs", "free",
    "getppid", "getpid", "gettimeofday", "labs", "ldiv", "llabs", "lldiv", "malloc", "malloc_usable_size",
    "memchr",
    "memcmp", "memcpy", "memmove", "memset", "nanosleep", "posix_memalign", "printf", "putchar", "puts",
    "qsort",
    "rand", "random", "arc4random", "arc4random_uniform", "drand48", "realloc", "sleep", "snprintf", "srand",
    "srand48", "srandom", "stderr", "stdout", "strchr", "strcmp", "strlen", "strncmp", "strnlen", "strtod",
    "strtof",
    "strtol", "strtoll", "strtoul", "strtoull", "time", "usleep", "vprintf", "vsnprintf",
  ]

  /// For Double; with f for Float, with l for long double.
  private static let mathematics: Set = [
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "copysign", "cos", "cosh",
    "erf",
    "erfc", "exp", "exp10", "exp2", "expm1", "fabs", "fdim", "finite", "floor", "fma", "fmax", "fmin", "fmod",
    "frexp", "hypot", "ilogb", "isinf", "isnan", "j0", "j1", "jn", "ldexp", "lgamma", "lgamma_r", "llrint",
    "llround", "log", "log10", "log1p", "log2", "logb", "lrint", "lround", "modf", "nan", "nearbyint",
    "nextafter",
    "nexttoward", "pow", "remainder", "remquo", "rint", "round", "scalbln", "scalbn", "signgam", "sin",
    "sincos",
    "sinh", "sqrt", "tan", "tanh", "tgamma", "trunc", "y0", "y1", "yn",
  ]

  /// The first line that imports what may not be imported, and what that is.
  static func firstForbiddenImport(in lines: [Substring]) -> (module: String, line: Int)? {
    let kinds = "struct|class|enum|protocol|typealias|func|var|let"
    guard
      let pattern = try? Regex(
        #"(?:^|;)\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:\w+\s+)?import\s+(?:(?:"# + kinds + #")\s+)?(\w+)"#)
    else { return nil }
    for (index, line) in lines.enumerated() {
      let code = line[..<(line.range(of: "//")?.lowerBound ?? line.endIndex)]
      for match in code.matches(of: pattern) {
        guard let module = match.output[1].substring, !imports.contains(String(module)) else { continue }
        return (String(module), index + 1)
      }
    }
    return nil
  }
}
