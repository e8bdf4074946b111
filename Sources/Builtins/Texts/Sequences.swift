import Matrices
import Vocabulary

/// What can be gone through element by element.
enum Sequences {
  /// The elements of a list, range or vector, the columns of a matrix, the letters of a text.
  static func elements(of value: Value, _ parameter: String) throws -> [Value] {
    switch value {
    case .list(let list): return list
    case .range(let range):
      return try collected(range.count) { .number(range[$0]) }
    case .matrix(let matrix) where matrix.shape.isVector:
      return try collected(matrix.count) {
        matrix.isLogical ? .boolean(matrix[$0] != 0) : .number(matrix[$0])
      }
    case .matrix(let matrix):
      return try collected(matrix.columns) { .matrix(matrix.selecting(columns: [$0])) }
    case .text(let text): return try letters(of: text)
    case .object where value.shape.map { $0 != Shape(1, 1) } ?? false:
      return value.tracedParts
    case .nothing, .boolean, .number, .record, .function, .object:
      throw Problem(
        .type, "'\(parameter)' needs a list, range, matrix or text", at: parameter,
        label: value.label)
    }
  }
}

extension Sequences {
  /// A list of so many values, each of which holds some others, if memory has room for it. Ctrl-C
  /// ends it.
  static func collected(
    _ count: Int, holding parts: Int = 0, _ value: (Int) -> Value
  ) throws -> [Value] {
    // A list of its own also takes what every list begins with.
    let size = (parts == 0 ? 1 : parts + 2) * MemoryLayout<Value>.stride
    guard Memory.hasRoom(for: count * size) else {
      throw Problem(.value, "memory has no room for a list of \(count) elements")
    }
    var values: [Value] = []
    values.reserveCapacity(count)
    for index in 0..<count {
      if index % 4096 == 0 { try Interrupt.check() }
      values.append(value(index))
    }
    return values
  }

  /// The letters of a text, each as a text.
  static func letters(of text: String) throws -> [Value] {
    let bytes = text.utf8.count
    guard Memory.hasRoom(for: bytes * MemoryLayout<Value>.stride) else {
      throw Problem(.value, "memory has no room for a list of so many letters")
    }
    var letters: [Value] = []
    letters.reserveCapacity(min(bytes, 1 << 20))
    for letter in text {
      if letters.count % 4096 == 0 { try Interrupt.check() }
      letters.append(.text(String(letter)))
    }
    return letters
  }
}

extension StandardLibrary {
  /// Builtins that go through lists, ranges and matrices.
  static let sequences: [Builtin] = [
    Builtin(
      "map", in: .text,
      "The results of a function for every element, as a list; of a matrix, for every column.",
      Parameter<Value>("x", "a list, range, matrix or text"),
      Parameter<Function>("f", "a function of one element"),
      shapes: "value, function → list",
      math: "{f(x₁), f(x₂), …}; elementwise formulas such as x .^ 2 need no map",
      seeAlso: ["filter", "reduce", "enumerate"],
      examples: [Example("map({1, 2, 3}, x -> x * 10)", prints: "{10, 20, 30}")],
      using: { context, x, f -> [Value] in
        try Sequences.elements(of: x, "x").map { element in
          try Interrupt.check()
          return try f.callable.call(Arguments([element]), context)
        }
      }),
    Builtin(
      "filter", in: .text, "The elements for which a function is true.",
      Parameter<Value>("x", "a list, range, matrix or text"),
      Parameter<Function>("f", "a function of one element that answers true or false"),
      shapes: "value, function → list", seeAlso: ["map", "find"],
      examples: [Example("filter(1:6, x -> x % 2 == 0)", prints: "{2, 4, 6}")],
      using: { context, x, f -> [Value] in
        try Sequences.elements(of: x, "x").filter { element in
          try Interrupt.check()
          let answer = try f.callable.call(Arguments([element]), context)
          guard let truth = Bool.from(answer) else {
            throw Problem(
              .type, "'f' must answer true or false, and answered \(answer.label)", at: "f",
              label: Value.function(f.callable).label)
          }
          return truth
        }
      }),
    Builtin(
      "reduce", in: .text, "Joins all elements with a function of two, from the left.",
      Parameter<Value>("x", "a list, range, matrix or text"),
      Parameter<Function>("f", "a function of what is joined so far and the next element"),
      Parameter<Value?>(positional: "initial", "where to begin; without it, at the first element"),
      shapes: "value, function → value", math: "f(f(f(initial, x₁), x₂), …)",
      seeAlso: ["map", "sum"],
      examples: [
        Example("reduce({1, 2, 3}, (a, b) -> a - b)", prints: "-4"),
        Example("reduce({}, (a, b) -> a + b, 0)", prints: "0"),
      ],
      using: { context, x, f, initial -> Value in
        var rest = try Sequences.elements(of: x, "x")[...]
        guard var joined = initial ?? rest.popFirst() else {
          throw Problem(
            .value, "without 'initial' at least one element is needed", at: "x", label: x.label)
        }
        for element in rest {
          try Interrupt.check()
          joined = try f.callable.call(Arguments([joined, element]), context)
        }
        return joined
      }),
    Builtin(
      "enumerate", in: .text, "A list of pairs: the position and the element.",
      Parameter<Value>("x", "a list, range, matrix or text"),
      shapes: "value → list", seeAlso: ["zip", "map"],
      examples: [Example("enumerate({\"a\", \"b\"})", prints: "{{1, \"a\"}, {2, \"b\"}}")]
    ) { x -> [Value] in
      let elements = try Sequences.elements(of: x, "x")
      return try Sequences.collected(elements.count, holding: 2) { place in
        .list([.number(Double(place + 1)), elements[place]])
      }
    },
    Builtin(
      "zip", in: .text, "A list of lists: the first elements, the second elements, and so on.",
      Parameter<Rest>("parts", "lists, ranges, matrices or texts of equal length"),
      shapes: "value → list", seeAlso: ["enumerate"],
      examples: [Example("zip({\"a\", \"b\"}, 1:2)", prints: "{{\"a\", 1}, {\"b\", 2}}")]
    ) { parts -> [Value] in
      let parts = try parts.values.map { try Sequences.elements(of: $0, "parts") }
      guard let first = parts.first else { return [] }
      if let other = parts.first(where: { $0.count != first.count }) {
        throw Problem(
          .shape, "all parts need the same length: \(first.count) and \(other.count)", at: "parts")
      }
      return try Sequences.collected(first.count, holding: parts.count) { place in
        .list(parts.map { $0[place] })
      }
    },
    Builtin(
      "keys", in: .text, "The names of the fields of a record, model or network.",
      Parameter<Value>("x", "a record, model or network"),
      shapes: "value → list", seeAlso: ["values"],
      examples: [Example("keys({rank = 3, loss = \"kl\"})", prints: "{\"rank\", \"loss\"}")]
    ) { x -> [Value] in
      try fields(of: x).map { .text($0.name) }
    },
    Builtin(
      "values", in: .text, "The fields of a record, model or network as a list.",
      Parameter<Value>("x", "a record, model or network"),
      shapes: "value → list", seeAlso: ["keys", "list"],
      examples: [Example("values({rank = 3, loss = \"kl\"})", prints: "{3, \"kl\"}")]
    ) { x -> [Value] in
      try fields(of: x).map(\.value)
    },
  ]

  private static func fields(of value: Value) throws -> [(name: String, value: Value)] {
    switch value {
    case .record(let record): return Array(zip(record.keys, record.values))
    case .list(let list) where list.isEmpty: return []
    case .object(let object):
      return object.fieldNames.compactMap { name in object.field(name).map { (name, $0) } }
    case .nothing, .boolean, .number, .text, .matrix, .range, .list, .function:
      throw Problem(
        .type, "'x' needs a record, a model or a network", at: "x", label: value.label)
    }
  }
}
