import CNcurses
import Figures
import Glibc
import Vocabulary

/// The terminal through ncurses: the alternate screen, wide letters, the colours that terminfo
/// promises. The only file that knows ncurses. Used by one thread, one at a time.
final class CursesScreen: Screen {
  private let terminal: OpaquePointer
  private let input: UnsafeMutablePointer<FILE>
  private let output: UnsafeMutablePointer<FILE>
  private var pairs = ColorPairs()
  private var shown: Canvas?

  private(set) var width = 0
  private(set) var height = 0
  let drawing: Drawing

  /// The descriptor that keys come from.
  var inputDescriptor: Int32 { fileno(input) }
  private var outputDescriptor: Int32 { fileno(output) }

  var isUsable: Bool { TerminalGuard.isOpen }

  /// Opens the terminal of this process; `nil` when there is none, or none that ncurses can use.
  /// `allowed` is the most that may be shown.
  init?(allowed: Drawing) {
    guard let files = Self.openFiles() else { return nil }
    (input, output) = files
    TerminalGuard.arm(input: fileno(input), output: fileno(output))
    guard let terminal = newterm(nil, output, input) else {
      TerminalGuard.disarm()
      fclose(input)
      fclose(output)
      return nil
    }
    self.terminal = terminal
    TerminalGuard.learn(Self.restoringCodes())
    cbreak()
    noecho()
    nonl()
    curs_set(0)
    set_escdelay(25)
    let window = curses_window()
    nodelay(window, true)
    keypad(window, true)
    leaveok(window, true)
    var color = Drawing.Color.none
    if allowed.color != .none, has_colors(), start_color() == OK {
      use_default_colors()
      color = curses_colors() >= 256 && curses_color_pairs() > 256 ? .ansi256 : .eight
    }
    drawing = Drawing(color: min(color, allowed.color), unicode: allowed.unicode)
    measure()
  }

  /// The terminal by its own name, so that standard output stays untouched; else that.
  private static func openFiles() -> (UnsafeMutablePointer<FILE>, UnsafeMutablePointer<FILE>)? {
    let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
    let (reading, writing) =
      descriptor >= 0
      ? (descriptor, fcntl(descriptor, F_DUPFD_CLOEXEC, 3))
      : (fcntl(0, F_DUPFD_CLOEXEC, 3), fcntl(1, F_DUPFD_CLOEXEC, 3))
    guard reading >= 0, writing >= 0, isatty(reading) == 1, isatty(writing) == 1,
      let input = fdopen(reading, "r"), let output = fdopen(writing, "w")
    else {
      if reading >= 0 { Glibc.close(reading) }
      if writing >= 0 { Glibc.close(writing) }
      return nil
    }
    return (input, output)
  }

  /// The codes that bring a terminal back: plain letters, its colours, the cursor, its keys, and
  /// the screen as it was before.
  private static func restoringCodes() -> [UInt8] {
    ["sgr0", "op", "rmkx", "cnorm", "rmcup"].flatMap { name -> [UInt8] in
      guard let code = curses_capability(name) else { return [] }
      return withoutPadding(Array(String(cString: code).utf8))
    }
  }

  /// A capability without the delays (`$<5>`) that old terminals needed.
  private static func withoutPadding(_ code: [UInt8]) -> [UInt8] {
    var kept: [UInt8] = []
    var place = 0
    while place < code.count {
      if code[place] == UInt8(ascii: "$"), place + 1 < code.count,
        code[place + 1] == UInt8(ascii: "<"),
        let end = code[place...].firstIndex(of: UInt8(ascii: ">"))
      {
        place = end + 1
        continue
      }
      kept.append(code[place])
      place += 1
    }
    return kept
  }

  private func measure() {
    let window = curses_window()
    (width, height) = (Int(getmaxx(window)), Int(getmaxy(window)))
  }

  func resize() {
    var size = winsize()
    guard ioctl(outputDescriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0
    else { return }
    resizeterm(Int32(size.ws_row), Int32(size.ws_col))
    measure()
    invalidate()
  }

  func invalidate() {
    shown = nil
    clearok(curses_window(), true)
  }

  func show(_ canvas: Canvas) {
    let window = curses_window()
    let unchanged = shown.map { $0.width == canvas.width && $0.height == canvas.height } ?? false
    var line = [cchar_t](repeating: cchar_t(), count: canvas.width)
    for y in 0..<min(canvas.height, height) {
      let range = y * canvas.width..<(y + 1) * canvas.width
      if unchanged, let shown, shown.cells[range] == canvas.cells[range] { continue }
      for (x, cell) in canvas.cells[range].enumerated() { set(&line[x], cell) }
      wmove(window, Int32(y), 0)
      // The last cell of the screen is written without moving the cursor on.
      _ = wadd_wchnstr(window, line, Int32(min(canvas.width, width)))
    }
    shown = canvas
    wrefresh(window)
  }

  private func set(_ target: inout cchar_t, _ cell: Cell) {
    var attributes: attr_t = 0
    if cell.style.isBold { attributes |= curses_bold() }
    if cell.style.isDim { attributes |= curses_dim() }
    if cell.style.isReversed { attributes |= curses_reverse() }
    let letter = drawing.unicode ? cell.letter : Plainer.ascii(cell.letter)
    var pair: Int32 = 0
    if drawing.color != .none {
      let wanted = ColorPairs.Pair(
        foreground: Self.color(cell.style.foreground), background: Self.color(cell.style.background)
      )
      let found = pairs.number(of: wanted)
      if found.isNew {
        init_extended_pair(found.number, Int32(wanted.foreground), Int32(wanted.background))
      }
      pair = found.number
    }
    _ = curses_set_cell(&target, wchar_t(bitPattern: letter.value), attributes, pair)
  }

  private static func color(_ paint: Paint?) -> Int16 {
    // A canvas for this screen was drawn with its `drawing`, which never is true colour.
    guard case .palette(let index)? = paint else { return -1 }
    return Int16(index)
  }

  func keys() -> [Key] {
    var keys: [Key] = []
    var code: wint_t = 0
    while keys.count < 64 {
      let kind = wget_wch(curses_window(), &code)
      if kind == ERR { break }
      if let key = kind == KEY_CODE_YES ? Self.functionKey(Int32(code)) : Self.letter(code) {
        keys.append(key)
      }
    }
    return keys
  }

  private static func functionKey(_ code: Int32) -> Key? {
    switch code {
    case KEY_LEFT: .left
    case KEY_RIGHT: .right
    case KEY_UP: .up
    case KEY_DOWN: .down
    case KEY_BTAB: .backTab
    // The signal told already.
    case KEY_RESIZE: nil
    default: .other
    }
  }

  private static func letter(_ code: wint_t) -> Key? {
    switch code {
    case 9: return .tab
    case 27: return .escape
    default: return Unicode.Scalar(code).map { .letter(Character($0)) }
    }
  }

  func suspend() { endwin() }

  func resume() {
    resize()
    curs_set(0)
    invalidate()
  }

  func close() {
    // A signal may have given the terminal back already.
    if TerminalGuard.beginClosing() {
      werase(curses_window())
      wrefresh(curses_window())
      endwin()
      fflush(output)
    }
    delscreen(terminal)
    TerminalGuard.disarm()
    fclose(input)
    fclose(output)
  }
}

/// The pairs of colours that a terminal was told: at most 1024, because ramps have at most 32
/// steps. Should there be more, the pairs are told anew.
struct ColorPairs {
  struct Pair: Hashable {
    var foreground: Int16
    var background: Int16
  }

  private var numbers: [Pair: Int32] = [:]
  private let limit: Int32

  init(limit: Int32 = 1024) { self.limit = min(limit, 1024) }

  mutating func number(of pair: Pair) -> (number: Int32, isNew: Bool) {
    if pair.foreground < 0, pair.background < 0 { return (0, false) }
    if let number = numbers[pair] { return (number, false) }
    if numbers.count + 1 >= limit { numbers = [:] }
    let number = Int32(numbers.count + 1)
    numbers[pair] = number
    return (number, true)
  }
}
