/// What the text before the cursor says about the word at the cursor.
struct CursorPlace: Equatable {
  /// A call whose parentheses are still open.
  struct Call: Equatable {
    var function: String
    /// Keywords that were given already.
    var given: [String] = []
    /// The keyword of the argument in front of the cursor: `solver=`.
    var keyword: String?
    /// How many arguments stand before this one; a pipeline gives the first.
    var index: Int
  }

  enum Kind: Equatable {
    /// The beginning of a name.
    case name
    /// The beginning of a field: what stands before the last dot, `m` or `m.history`.
    case field(of: [String])
    /// The inside of a text.
    case text
    /// Nothing to complete: a comment, a number, a field of something that is not a variable.
    case nothing
  }

  var kind: Kind
  /// What is already there of the word.
  var word: String
  /// The innermost call, when the cursor is directly inside its parentheses.
  var call: Call?
  /// The word before a text that is not in a call: `import`.
  var leader: String

  /// Reads the text once, from its beginning to the cursor.
  init(_ before: String) {
    var scan = Scan(Array(before))
    scan.run()
    (kind, word, leader) = (scan.kind, scan.word, scan.leader)
    call = scan.brackets.last.flatMap { $0 }
  }
}

/// One pass over the letters: strings, comments, brackets and the last word.
private struct Scan {
  private let letters: [Character]
  private var place = 0
  /// One entry for every open bracket; calls carry what is known about them.
  private(set) var brackets: [CursorPlace.Call?] = []
  private(set) var kind = CursorPlace.Kind.name
  private(set) var word = ""
  private(set) var leader = ""
  private var isAfterPipe = false

  init(_ letters: [Character]) { self.letters = letters }

  mutating func run() {
    while place < letters.count {
      let letter = letters[place]
      switch letter {
      case "#": skipComment()
      case "\"": readText()
      case "(":
        let function = leader
        brackets.append(
          function.isEmpty
            ? nil : CursorPlace.Call(function: function, index: isAfterPipe ? 1 : 0))
        move(over: 1)
      case "[", "{":
        brackets.append(nil)
        move(over: 1)
      case ")", "]", "}":
        if !brackets.isEmpty { brackets.removeLast() }
        move(over: 1)
        // `f(x).` and `A[1].` are values that nobody has computed yet.
        leader = ""
        kind = .nothing
        if letters.indices.contains(place), letters[place] == "." { skipField() }
      case ",":
        if var call = brackets.last.flatMap({ $0 }) {
          call.keyword = nil
          call.index += 1
          brackets[brackets.count - 1] = call
        }
        move(over: 1)
      case "=" where isKeywordSign: endKeyword()
      case "|" where next == ">":
        move(over: 2)
        isAfterPipe = true
      case _ where letter.isNumber: skipNumber()
      case _ where letter.isNameStart: readName()
      case ".": readDot()
      case " ", "\t":
        place += 1
        if kind != .text, place == letters.count { (kind, word) = (.name, "") }
      default: move(over: 1)
      }
    }
  }

  private var next: Character? { place + 1 < letters.count ? letters[place + 1] : nil }

  /// Whether this `=` follows a name inside a call and is not a comparison.
  private var isKeywordSign: Bool {
    !leader.isEmpty && next != "=" && brackets.last.flatMap { $0 } != nil
  }

  private mutating func move(over count: Int) {
    place += count
    (kind, word, leader) = (.name, "", "")
    isAfterPipe = false
  }

  private mutating func endKeyword() {
    let name = leader
    if var call = brackets.last.flatMap({ $0 }) {
      call.keyword = name
      call.given.append(name)
      brackets[brackets.count - 1] = call
    }
    move(over: 1)
  }

  private mutating func skipComment() {
    while place < letters.count, letters[place] != "\n" { place += 1 }
    if place == letters.count { (kind, word) = (.nothing, "") }
  }

  private mutating func skipNumber() {
    while place < letters.count,
      letters[place].isNameLetter || letters[place] == "." && next?.isNumber == true
    {
      place += 1
    }
    (kind, word, leader) = (place == letters.count ? .nothing : .name, "", "")
  }

  private mutating func skipField() {
    place += 1
    while place < letters.count, letters[place].isNameLetter { place += 1 }
  }

  private mutating func readName() {
    let wasAfterPipe = isAfterPipe
    let start = place
    while place < letters.count, letters[place].isNameLetter { place += 1 }
    word = String(letters[start..<place])
    kind = .name
    leader = word
    isAfterPipe = wasAfterPipe
  }

  /// A dot between a chain of names, or an operator such as `.*`.
  private mutating func readDot() {
    guard !leader.isEmpty, letters[place - 1].isNameLetter else { return move(over: 1) }
    var chain: [String] = []
    if case .field(let names) = kind { chain = names }
    chain.append(word)
    guard next == nil || next?.isNameStart == true else { return move(over: 1) }
    place += 1
    let start = place
    while place < letters.count, letters[place].isNameLetter { place += 1 }
    word = String(letters[start..<place])
    kind = .field(of: chain)
    leader = word
  }

  private mutating func readText() {
    let before = leader
    place += 1
    var text = ""
    while place < letters.count, letters[place] != "\"", letters[place] != "\n" {
      if letters[place] == "\\", place + 1 < letters.count {
        text.append(letters[place])
        place += 1
      }
      text.append(letters[place])
      place += 1
    }
    if place == letters.count {
      (kind, word, leader) = (.text, text, before)
    } else {
      move(over: 1)
      kind = .nothing
    }
  }
}

extension Character {
  var isNameStart: Bool { isLetter || self == "_" }
  var isNameLetter: Bool { isNameStart || isNumber }
}
