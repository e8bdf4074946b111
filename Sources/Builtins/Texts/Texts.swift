import Language
import Matrices
import Vocabulary

extension StandardLibrary {
  /// Builtins for text.
  static let texts: [Builtin] = [
    Builtin(
      "format", in: .text, "A value as text in a given format.",
      Parameter<Value>("x", "the value"),
      Parameter<String>("format", "[width][.digits][f, e, g, d, x, % or s], as in \"8.3f\""),
      shapes: "value, text → text", math: "The same as in a hole of a text: \"{x:8.3f}\".",
      seeAlso: ["join", "print"],
      examples: [
        Example("format(2 / 3, \".3f\")", prints: "\"0.667\""),
        Example("format(0.256, \".1%\")", prints: "\"25.6%\""),
        Example("format([1, 2], \".1f\")", prints: "\"[1.0, 2.0]\""),
      ]
    ) { x, format in
      try FormatSpecification(format).text(of: x)
    },
    Builtin(
      "number", in: .text, "The number that a text spells.",
      Parameter<Value>("text", "the text, spaces around it ignored; a number stays what it is"),
      shapes: "value → number", seeAlso: ["format", "args"],
      examples: [
        Example("number(\"2.5e3\")", prints: "2500"), Example("number(\" 7 \") + 1", prints: "8"),
      ]
    ) { value -> Double in
      if let number = Double.from(value) { return number }
      guard case .text(let text) = value else {
        throw Problem(.type, "'text' needs text", at: "text", label: value.label)
      }
      let words = text.split(whereSeparator: \.isWhitespace)
      guard words.count == 1, let number = Double(words[0]) else {
        throw Problem(
          .value, "the text must spell one number", at: "text", label: value.label,
          help: "numbers are written 42, -0.5 or 2.5e-3")
      }
      return number
    },
    Builtin(
      "join", in: .text, "The parts of a list as one text.",
      Parameter<Value>("parts", "a list, range or vector"),
      Parameter<String>(
        "separator", "what stands between two parts", default: "", positional: true),
      shapes: "value → text", seeAlso: ["split_text"],
      examples: [
        Example("join({\"a\", \"b\", 3}, \", \")", prints: "\"a, b, 3\""),
        Example("join(1:3, \"-\")", prints: "\"1-2-3\""),
      ]
    ) { parts, separator in
      var text = ""
      for (place, part) in try Sequences.elements(of: parts, "parts").enumerated() {
        if place % 1024 == 0 { try Interrupt.check() }
        if place > 0 { text += separator }
        text += part.printed
      }
      return text
    },
    Builtin(
      "split_text", in: .text,
      "The parts of a text between separators; without one, its words.",
      Parameter<String>("text", "the text to part"),
      Parameter<String?>(positional: "separator", "what stands between two parts"),
      shapes: "text → list", seeAlso: ["join", "replace"],
      examples: [
        Example("split_text(\"a,b,,c\", \",\")", prints: "{\"a\", \"b\", \"\", \"c\"}"),
        Example("split_text(\" two  words \")", prints: "{\"two\", \"words\"}"),
      ]
    ) { text, separator -> [Value] in
      guard let separator else {
        return try text.words()
      }
      guard !separator.isEmpty else {
        throw Problem(
          .value, "'separator' needs at least one letter", at: "separator",
          help: "list(text) gives the letters")
      }
      var pieces: [Value] = []
      try text.forEachPiece(between: separator) {
        pieces.append(.text(String(decoding: $0, as: UTF8.self)))
      }
      return pieces
    },
    Builtin(
      "replace", in: .text, "The text with every occurrence of one text replaced by another.",
      Parameter<String>("text", "the text"),
      Parameter<String>("old", "what is replaced"),
      Parameter<String>("new", "what stands there afterwards"),
      shapes: "text, text, text → text", seeAlso: ["split_text"],
      examples: [Example("replace(\"a-b-c\", \"-\", \"+\")", prints: "\"a+b+c\"")]
    ) { text, old, new in
      guard !old.isEmpty else {
        throw Problem(.value, "'old' needs at least one letter", at: "old")
      }
      var count = -1
      try text.forEachPiece(between: old) { _ in count += 1 }
      let (added, overflow) = count.multipliedReportingOverflow(by: new.utf8.count)
      guard !overflow, Memory.hasRoom(for: text.utf8.count + added) else {
        throw Problem(.value, "memory has no room for the new text", at: "new")
      }
      var result: [UInt8] = []
      result.reserveCapacity(max(text.utf8.count + added, 0))
      try text.forEachPiece(between: old) { piece in
        if piece.startIndex > 0 { result += new.utf8 }
        result += piece
      }
      return String(decoding: result, as: UTF8.self)
    },
    Builtin(
      "trim", in: .text, "The text without white space at its ends.",
      Parameter<String>("text", "the text"), shapes: "text → text",
      seeAlso: ["split_text", "number"],
      examples: [Example("trim(\"  two words \\n\")", prints: "\"two words\"")]
    ) { text in
      var letters = text[...]
      while letters.first?.isWhitespace == true { letters.removeFirst() }
      while letters.last?.isWhitespace == true { letters.removeLast() }
      return String(letters)
    },
    Builtin(
      "contains", in: .text,
      "Whether a text occurs in another, an element in a list, or a name among fields.",
      Parameter<Value>("whole", "a text, list, range, matrix or record"),
      Parameter<Value>("part", "what is looked for"),
      shapes: "value, value → true/false", seeAlso: ["find", "replace"],
      examples: [
        Example("contains(\"factorize\", \"act\")", prints: "true"),
        Example("contains({\"a\", \"b\"}, \"c\")", prints: "false"),
        Example("contains({rank = 3}, \"rank\")", prints: "true"),
      ]
    ) { whole, part -> Bool in
      if case .record(let record) = whole, case .text(let name) = part {
        return record[name] != nil
      }
      guard case .text(let text) = whole else {
        return try Sequences.elements(of: whole, "whole").contains { element in
          try Interrupt.check()
          return element.isSame(as: part)
        }
      }
      guard case .text(let letters) = part else {
        throw Problem(.type, "'part' needs text", at: "part", label: part.label)
      }
      if letters.isEmpty { return true }
      var count = 0
      try text.forEachPiece(between: letters) { _ in count += 1 }
      return count > 1
    },
    Builtin(
      "starts_with", in: .text, "Whether a text begins with another.",
      Parameter<String>("text", "the text"), Parameter<String>("start", "what it may begin with"),
      shapes: "text, text → true/false", seeAlso: ["ends_with", "contains"],
      examples: [Example("starts_with(\"loss.csv\", \"loss\")", prints: "true")]
    ) { text, start in text.hasPrefix(start) },
    Builtin(
      "ends_with", in: .text, "Whether a text ends with another.",
      Parameter<String>("text", "the text"), Parameter<String>("end", "what it may end with"),
      shapes: "text, text → true/false", seeAlso: ["starts_with", "contains"],
      examples: [Example("ends_with(\"loss.csv\", \".csv\")", prints: "true")]
    ) { text, end in text.hasSuffix(end) },
    Builtin(
      "upper", in: .text, "The text in capital letters.",
      Parameter<String>("text", "the text"), shapes: "text → text", seeAlso: ["lower"],
      examples: [Example("upper(\"nmf\")", prints: "\"NMF\"")]
    ) { text in try text.mappingChunks { $0.uppercased() } },
    Builtin(
      "lower", in: .text, "The text in small letters.",
      Parameter<String>("text", "the text"), shapes: "text → text", seeAlso: ["upper"],
      examples: [Example("lower(\"NMF\")", prints: "\"nmf\"")]
    ) { text in try text.mappingChunks { $0.lowercased() } },
  ]
}

extension String {
  /// How many bytes are worked on between two looks at the interrupt flag: about a millisecond.
  private static let chunk = 1 << 16

  /// The results for parts of the text, joined; parts never begin in the middle of a code point.
  fileprivate func mappingChunks(_ body: (Substring) -> String) throws -> String {
    var result = ""
    var start = startIndex
    while start < endIndex {
      try Interrupt.check()
      var end = utf8.index(start, offsetBy: Self.chunk, limitedBy: endIndex) ?? endIndex
      while end < endIndex, end.samePosition(in: unicodeScalars) == nil {
        end = utf8.index(before: end)
      }
      result += body(self[start..<end])
      start = end
    }
    return result
  }

  /// The words between white space.
  fileprivate func words() throws -> [Value] {
    var words: [Value] = []
    var word = ""
    for (place, letter) in enumerated() {
      if place % Self.chunk == 0 { try Interrupt.check() }
      if !letter.isWhitespace {
        word.append(letter)
      } else if !word.isEmpty {
        words.append(.text(word))
        word = ""
      }
    }
    if !word.isEmpty { words.append(.text(word)) }
    return words
  }

  /// Gives the bytes between the occurrences of a separator, which must not be empty.
  fileprivate func forEachPiece(between separator: String, _ body: (ArraySlice<UInt8>) -> Void)
    throws
  {
    // Bytes are compared: in UTF-8 a text never begins in the middle of a letter.
    let (text, sign) = (Array(utf8), Array(separator.utf8))
    var (start, place) = (0, 0)
    var look = Self.chunk
    while place + sign.count <= text.count {
      if place >= look {
        try Interrupt.check()
        look = place + Self.chunk
      }
      if text[place] == sign[0], text[place..<place + sign.count].elementsEqual(sign) {
        body(text[start..<place])
        place += sign.count
        start = place
      } else {
        place += 1
      }
    }
    body(text[start...])
  }
}
