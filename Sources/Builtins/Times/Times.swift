import Glibc
import Matrices
import Vocabulary

extension StandardLibrary {
  /// Builtins for chance, time and what is around the program.
  static let times: [Builtin] = [
    Builtin(
      "seed", in: .time,
      "Lets chance start again: the same seed draws the same numbers. Without one, the seed in use.",
      Parameter<Int?>(positional: "seed", "any whole number"),
      shapes: "→ value", seeAlso: ["rand", "shuffle"],
      examples: [
        Example("seed(7); a = rand(2, 2); seed(7); sum(a - rand(2, 2))", prints: "0"),
        Example("seed()", prints: "42"),
      ],
      using: { context, seed -> Value in
        guard let seed else { return .number(Double(Int64(bitPattern: context.random.seed))) }
        context.random = Random(seed: UInt64(bitPattern: Int64(seed)))
        return .nothing
      }),
    Builtin(
      "shuffle", in: .time,
      "The rows of a matrix, or the elements of a vector or list, in random order. Two are shuffled alike.",
      Parameter<Value>("x", "a matrix, range or list"),
      Parameter<Value?>(positional: "y", "shuffled in the same order: the labels of x"),
      Parameter.seed,
      shapes: "value, value → list; list → list; m×n → m×n", seeAlso: ["split", "rand", "seed"],
      examples: [
        Example("sum(shuffle(1:10))", prints: "55"),
        Example(
          "(x, y) = shuffle([1; 2; 3], [10; 20; 30], seed=1); y - 10 * x", prints: "0\n0\n0"),
      ],
      using: { context, x, y, seed -> Value in
        let count = try countToShuffle(x, "x")
        if let y, try countToShuffle(y, "y") != count {
          throw Problem(
            .shape, "x and y need the same length",
            mentioning: [
              .init(parameter: "x", label: x.label), .init(parameter: "y", label: y.label),
            ])
        }
        var random = context.generator(seed: seed).random
        let order = try random.longPermutation(count)
        try Interrupt.check()
        let shuffled = try reordered(x, order)
        return try y.map { .list([shuffled, try reordered($0, order)]) } ?? shuffled
      }),
    Builtin(
      "tic", in: .time, "Starts the watch that toc() reads.", shapes: "→ nothing",
      seeAlso: ["toc", "now"],
      examples: [Example("tic(); toc() < 60", prints: "true")],
      using: { (context: Context) -> Value in
        context.watch = ContinuousClock.now
        return .nothing
      }),
    Builtin(
      "toc", in: .time, "The seconds since tic().", shapes: "→ number", seeAlso: ["tic", "now"],
      examples: [Example("tic(); toc() >= 0", prints: "true")],
      using: { (context: Context) -> Double in
        guard let start = context.watch else {
          throw Problem(.value, "toc() needs a tic() before it", help: "write tic() where to start")
        }
        return (ContinuousClock.now - start) / .seconds(1)
      }),
    Builtin(
      "now", in: .time, "The seconds since the beginning of 1970.", shapes: "→ number",
      seeAlso: ["tic", "toc"],
      examples: [Example("now() > 1.7e9", prints: "true")],
      using: { (_: Context) -> Double in
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
      }),
    Builtin(
      "args", in: .time, "The words behind the name of the script, as a list of texts.",
      shapes: "→ list", seeAlso: ["env"],
      examples: [Example("args()", prints: "{}")],
      using: { (context: Context) -> [Value] in context.arguments.map { .text($0) } }),
    Builtin(
      "env", in: .time, "A variable of the environment as text, or `nothing`.",
      Parameter<String>("name", "the name of the variable"),
      Parameter<Value?>(positional: "otherwise", "what to answer where it is not set"),
      shapes: "text → value", seeAlso: ["args"],
      examples: [Example("env(\"MFS_EXAMPLE\", \"not set\")", prints: "\"not set\"")]
    ) { name, otherwise -> Value in
      guard let text = getenv(name) else { return otherwise ?? .nothing }
      return .text(String(cString: text))
    },
    Builtin(
      "ask", in: .time,
      "Writes a question and waits for a line from the terminal, which is the answer as a text.",
      Parameter<String>("question", "what to ask; a space behind it separates the answer"),
      Parameter<String?>(positional: "otherwise", "what an empty answer means"),
      shapes: "text → value",
      math: "Answers may also come from a pipe, a line each: printf '3\n' | mfs program.mfs",
      seeAlso: ["number", "args"],
      examples: [Example("type(ask)", prints: "\"function\"")],
      using: { (context: Context, question: String, otherwise: String?) -> String in
        let answer = try context.ask(question)
        return answer.isEmpty ? otherwise ?? answer : answer
      }),
  ]

  private static func countToShuffle(_ value: Value, _ parameter: String) throws -> Int {
    switch value {
    case .list(let list): return list.count
    case .range(let range) where range.fitsInMemory: return range.count
    case .matrix(let matrix): return matrix.rows == 1 ? matrix.columns : matrix.rows
    case .nothing, .boolean, .number, .text, .range, .record, .function, .object:
      throw Problem(
        .type, "'\(parameter)' needs a matrix, range or list", at: parameter, label: value.label)
    }
  }

  private static func reordered(_ value: Value, _ order: [Int]) throws -> Value {
    switch value {
    case .list(let list): return .list(try Sequences.collected(order.count) { list[order[$0]] })
    case .range(let range): return .matrix(range.matrix.selecting(columns: order))
    case .matrix(let matrix) where matrix.rows == 1:
      return .matrix(matrix.selecting(columns: order))
    case .matrix(let matrix): return .matrix(matrix.selecting(rows: order))
    case .nothing, .boolean, .number, .text, .record, .function, .object: return value
    }
  }
}
