import CLibedit
import Glibc

/// Edits lines on a terminal with libedit. Keys are read by us, so that signals are heard and
/// pasted text never runs by itself; history, completion and blocks of several lines are ours, on
/// top of libedit's buffer.
package final class LibeditEditor: LineEditor {
  private let editor: OpaquePointer
  private let history: OpaquePointer
  private let assistant: EditorAssistant
  private let prompt: UnsafeMutablePointer<CChar>

  /// Keys that we put in front of the keyboard: how our commands call libedit's.
  private var pending: [Unicode.Scalar] = []
  private var undo = UndoRing()
  private var walk: HistoryWalk
  private var listed: UndoRing.State?
  private var interruption: Reading?
  private var isMovingToEnd = false
  /// Whether the next key may have been pressed before the terminal was the editor's.
  private var isTypedAhead = false

  /// Keys nobody can type, bound to libedit's own "accept this line".
  private static let acceptKeys: [Unicode.Scalar] = ["\u{1B}", "[", "~", "n"]
  private static let farther: Int32 = 1_000_000

  /// `nil` when libedit cannot work with this terminal. `entries` are what the arrow keys bring
  /// back, oldest first. `colored` shows the prompt in bold letters.
  package init?(assistant: EditorAssistant, entries: [String], colored: Bool) {
    guard let editor = mfs_el_init("mfs"), let history = history_init() else { return nil }
    self.editor = editor
    self.history = history
    self.assistant = assistant
    let bold = "\u{1}\u{1B}[1m\u{1}", plain = "\u{1}\u{1B}[0m\u{1}"
    guard
      let prompt = strdup(
        colored ? "\(bold)\(Prompt.first.dropLast())\(plain) " : Prompt.first)
    else { return nil }
    self.prompt = prompt
    walk = HistoryWalk(entries)
    mfs_history_set_size(history, 100_000)
    for entry in entries { mfs_history_enter(history, Block.shown(entry)) }
    mfs_el_set_client(editor, Unmanaged.passUnretained(self).toOpaque())
    mfs_el_set_signal(editor, 0)
    mfs_el_set_history(editor, history)
    mfs_el_set_prompt(editor, { LibeditEditor.of($0)?.prompt }, 1)
    mfs_el_set_reader(editor) { editor, letter in
      LibeditEditor.of(editor)?.readKey(into: letter) ?? -1
    }
    for command in Self.commands {
      mfs_el_add(editor, command.name, command.help, command.body)
    }
    mfs_el_set_editor(editor, "emacs")
    for binding in Self.bindings { mfs_el_bind(editor, binding.keys, binding.command) }
    mfs_el_set_edit_mode(editor, "-ixon")
    // Our commands are known by now: a user's file that binds an unknown one could break libedit.
    el_source(editor, nil)
    for binding in Self.bindings where binding.isNeeded {
      mfs_el_bind(editor, binding.keys, binding.command)
    }
  }

  deinit {
    el_end(editor)
    history_end(history)
    free(prompt)
  }

  package func read() -> Reading {
    undo.clear()
    walk.reset()
    listed = nil
    interruption = nil
    pending.removeAll()
    el_resize(editor)
    Signals.terminalIsDisturbed(true)
    send("\u{1B}[?2004h")
    // Libedit would show the prompt first, and a key pressed at its sight would go by the terminal's
    // own rules.
    mfs_el_prepare_terminal(editor, 1)
    isTypedAhead = true
    var count: Int32 = 0
    let line = el_gets(editor, &count)
    send("\u{1B}[?2004l")
    Signals.terminalIsDisturbed(false)
    if let interruption { return interruption }
    guard let line, count > 0 else { return .end }
    var text = String(cString: line)
    if text.hasSuffix("\n") { text.removeLast() }
    return .text(Block.typed(text))
  }

  package func remember(_ entry: String) {
    walk.append(entry)
    mfs_history_enter(history, Block.shown(entry))
  }

  private func send(_ text: String) { _ = writeAll(Array(text.utf8), to: STDOUT_FILENO) }

  // MARK: The buffer

  private var state: UndoRing.State {
    guard let line = el_wline(editor)?.pointee, let start = line.buffer else {
      return UndoRing.State(text: "", cursor: 0)
    }
    var text = String.UnicodeScalarView()
    for letter in UnsafeBufferPointer(start: start, count: line.lastchar - start) {
      text.append(Unicode.Scalar(UInt32(bitPattern: letter)) ?? "\u{FFFD}")
    }
    return UndoRing.State(text: String(text), cursor: line.cursor - start)
  }

  private func replaceAll(with text: String, cursor: Int? = nil) {
    let count = state.text.unicodeScalars.count
    el_cursor(editor, Self.farther)
    if count > 0 { el_deletestr(editor, Int32(count)) }
    if !text.isEmpty { el_insertstr(editor, text) }
    if let cursor { el_cursor(editor, Int32(cursor - text.unicodeScalars.count)) }
  }

  // MARK: Keys

  /// The next key for libedit: 1 when there is one, 0 at the end of the input, −1 on failure.
  private func readKey(into letter: UnsafeMutablePointer<wchar_t>?) -> Int32 {
    undo.note(state)
    while true {
      if !pending.isEmpty {
        letter?.pointee = wchar_t(bitPattern: pending.removeFirst().value)
        return 1
      }
      let (wakes, isReadable) = Signals.wait(
        beside: STDIN_FILENO, milliseconds: isTypedAhead ? 0 : -1)
      if !isReadable { isTypedAhead = false }
      for wake in wakes {
        switch wake {
        case .interrupt: pending = ["\u{3}"]
        case .resized: el_resize(editor)
        case .suspend: suspend()
        case .resumed: resume()
        case .finished: break
        }
      }
      guard isReadable, pending.isEmpty else { continue }
      switch readScalar() {
      case .some(let scalar?):
        letter?.pointee = wchar_t(bitPattern: key(scalar).value)
        return 1
      case .some(.none): continue
      case .none: return 0
      }
    }
  }

  /// The key that was pressed. Of a Ctrl-D during a computation the terminal, which took it for the
  /// end of the input, left a zero.
  private func key(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    isTypedAhead && scalar == "\0" ? "\u{4}" : scalar
  }

  /// One letter from the keyboard: `nil` at the end, an empty answer for bytes that are no letter.
  private func readScalar() -> Unicode.Scalar?? {
    guard let first = readByte() else { return nil }
    if first < 0x80 { return Unicode.Scalar(first) }
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    var bytes = [first]
    while bytes.count < length {
      guard let byte = readByte() else { return nil }
      bytes.append(byte)
    }
    return .some(String(validating: bytes, as: UTF8.self)?.unicodeScalars.first)
  }

  private func readByte() -> UInt8? {
    var byte: UInt8 = 0
    while true {
      let count = Glibc.read(STDIN_FILENO, &byte, 1)
      if count == 1 { return byte }
      if count == 0 || errno != EINTR { return nil }
    }
  }

  /// Ctrl-Z at the prompt: gives the terminal back, stops, and goes on after `fg`.
  private func suspend() {
    mfs_el_prepare_terminal(editor, 0)
    send("\u{1B}[?2004l\r\n")
    Signals.stopProcess()
  }

  private func resume() {
    mfs_el_prepare_terminal(editor, 0)
    mfs_el_prepare_terminal(editor, 1)
    send("\u{1B}[?2004h\r")
    el_resize(editor)
    mfs_el_refresh(editor)
  }

  // MARK: Commands

  private struct Command {
    var name: String
    var help: String
    var body: mfs_el_command
  }

  private struct Binding {
    var keys: String
    var command: String
    /// Whether the editor would not work without it, whatever the user's `~/.editrc` says.
    var isNeeded = false
  }

  private static let commands = [
    Command(name: "mfs-accept", help: "Run the line, or open another one") { editor, _ in
      LibeditEditor.of(editor)?.accept() ?? UInt8(CC_ERROR)
    },
    Command(name: "mfs-newline", help: "Open another line") { editor, _ in
      LibeditEditor.of(editor)?.openLine() ?? UInt8(CC_ERROR)
    },
    Command(name: "mfs-interrupt", help: "Forget the line") { editor, _ in
      LibeditEditor.of(editor)?.interrupt() ?? UInt8(CC_ERROR)
    },
    Command(name: "mfs-complete", help: "Complete the name before the cursor") { editor, _ in
      LibeditEditor.of(editor)?.completeName() ?? UInt8(CC_ERROR)
    },
    Command(name: "mfs-paste", help: "Insert pasted text") { editor, _ in
      LibeditEditor.of(editor)?.paste() ?? UInt8(CC_ERROR)
    },
    Command(name: "mfs-up", help: "The line above, or an earlier entry") { editor, _ in
      LibeditEditor.of(editor)?.moveUp() ?? UInt8(CC_ERROR)
    },
    Command(name: "mfs-down", help: "The line below, or a later entry") { editor, _ in
      LibeditEditor.of(editor)?.moveDown() ?? UInt8(CC_ERROR)
    },
    Command(name: "mfs-undo", help: "Take the last change back") { editor, _ in
      LibeditEditor.of(editor)?.undoChange() ?? UInt8(CC_ERROR)
    },
  ]

  /// What people know from other shells.
  private static let bindings = [
    Binding(keys: "^M", command: "mfs-accept", isNeeded: true),
    Binding(keys: "^J", command: "mfs-accept", isNeeded: true),
    Binding(keys: "\\e[~n", command: "ed-newline", isNeeded: true),
    Binding(keys: "^C", command: "mfs-interrupt", isNeeded: true),
    Binding(keys: "\\e[200~", command: "mfs-paste", isNeeded: true),
    Binding(keys: "^I", command: "mfs-complete", isNeeded: true),
    Binding(keys: "\\e^M", command: "mfs-newline"),
    Binding(keys: "\\e^J", command: "mfs-newline"),
    Binding(keys: "\\e[A", command: "mfs-up"),
    Binding(keys: "\\eOA", command: "mfs-up"),
    Binding(keys: "^P", command: "mfs-up"),
    Binding(keys: "\\e[B", command: "mfs-down"),
    Binding(keys: "\\eOB", command: "mfs-down"),
    Binding(keys: "^N", command: "mfs-down"),
    Binding(keys: "^_", command: "mfs-undo"),
    Binding(keys: "^R", command: "em-inc-search-prev"),
    Binding(keys: "^S", command: "em-inc-search-next"),
    Binding(keys: "^W", command: "ed-delete-prev-word"),
    Binding(keys: "^U", command: "vi-kill-line-prev"),
    Binding(keys: "^L", command: "ed-clear-screen"),
    Binding(keys: "\\e[H", command: "ed-move-to-beg"),
    Binding(keys: "\\eOH", command: "ed-move-to-beg"),
    Binding(keys: "\\e[1~", command: "ed-move-to-beg"),
    Binding(keys: "\\e[F", command: "ed-move-to-end"),
    Binding(keys: "\\eOF", command: "ed-move-to-end"),
    Binding(keys: "\\e[4~", command: "ed-move-to-end"),
    Binding(keys: "\\e[3~", command: "ed-delete-next-char"),
    Binding(keys: "\\e[1;5C", command: "em-next-word"),
    Binding(keys: "\\e[1;5D", command: "ed-prev-word"),
    Binding(keys: "\\e[1;3C", command: "em-next-word"),
    Binding(keys: "\\e[1;3D", command: "ed-prev-word"),
  ]

  private static let normal = UInt8(CC_NORM)
  private static let refresh = UInt8(CC_REFRESH)
  private static let moved = UInt8(CC_CURSOR)
  private static let error = UInt8(CC_ERROR)

  private static func of(_ editor: OpaquePointer?) -> LibeditEditor? {
    guard let editor, let client = mfs_el_get_client(editor) else { return nil }
    return Unmanaged<LibeditEditor>.fromOpaque(client).takeUnretainedValue()
  }

  private func accept() -> UInt8 {
    let state = state
    let after = state.text.unicodeScalars.dropFirst(state.cursor)
    if after.contains("\n") || assistant.isUnfinished(Block.typed(state.text)) { return openLine() }
    pending = Self.acceptKeys
    return Self.normal
  }

  private func openLine() -> UInt8 {
    el_insertstr(editor, "\n\(Block.margin)")
    return Self.refresh
  }

  /// Leaves the line as it stands on the screen, with the cursor behind its end.
  private func interrupt() -> UInt8 {
    let state = state
    let isAtEnd = state.cursor == state.text.unicodeScalars.count
    if !isAtEnd && !isMovingToEnd {
      isMovingToEnd = true
      el_cursor(editor, Self.farther)
      pending = ["\u{3}"]
      return Self.moved
    }
    isMovingToEnd = false
    interruption = .interrupted(wasEmpty: state.text.isEmpty)
    send("^C\r\n")
    return UInt8(CC_NEWLINE)
  }

  private func paste() -> UInt8 {
    let end = Array("\u{1B}[201~".utf8)
    var bytes: [UInt8] = []
    while let byte = readByte() {
      bytes.append(byte)
      guard bytes.suffix(end.count).elementsEqual(end) else { continue }
      bytes.removeLast(end.count)
      break
    }
    let text = Block.shown(Block.pasted(String(decoding: bytes, as: UTF8.self)))
    if !text.isEmpty { el_insertstr(editor, text) }
    return Self.refresh
  }

  private func completeName() -> UInt8 {
    let state = state
    let before = String(String.UnicodeScalarView(state.text.unicodeScalars.prefix(state.cursor)))
    let found = assistant.complete(Block.typed(before))
    guard !found.candidates.isEmpty else { return Self.error }
    let insertion = found.insertion
    if !insertion.isEmpty {
      el_insertstr(editor, insertion)
      return Self.refresh
    }
    guard listed == state else {
      listed = state
      el_beep(editor)
      return Self.normal
    }
    let rows = Columns.text(found.candidates.map(\.shown), width: Terminal.size.width)
    el_cursor(editor, Self.farther)
    send("\r\n\(rows.replacing("\n", with: "\r\n"))")
    el_cursor(editor, Int32(state.cursor - state.text.unicodeScalars.count))
    return UInt8(CC_REDISPLAY)
  }

  private func moveUp() -> UInt8 {
    let state = state
    if !walk.isAt(state), let cursor = Rows.above(state.cursor, in: state.text) {
      el_cursor(editor, Int32(cursor - state.cursor))
      return Self.moved
    }
    return show(walk.earlier(than: state))
  }

  private func moveDown() -> UInt8 {
    let state = state
    if !walk.isAt(state), let cursor = Rows.below(state.cursor, in: state.text) {
      el_cursor(editor, Int32(cursor - state.cursor))
      return Self.moved
    }
    return show(walk.later(than: state))
  }

  private func show(_ entry: String?) -> UInt8 {
    guard let entry else { return Self.error }
    replaceAll(with: entry)
    walk.arrived(at: state)
    return Self.refresh
  }

  private func undoChange() -> UInt8 {
    guard let earlier = undo.undo() else { return Self.error }
    replaceAll(with: earlier.text, cursor: earlier.cursor)
    return Self.refresh
  }
}
