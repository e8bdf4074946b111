import Figures
import Testing
import Vocabulary

/// A canvas as text: nothing wider than drawn, no escape byte without colours.
@Suite struct CanvasTests {
  let colored = Drawing(color: .ansi256, unicode: true)

  @Test func drawingOutsideIsCutOff() {
    var canvas = Canvas(width: 4, height: 2, drawing: .plain)
    canvas.write("abcdef", x: 1, y: 0)
    canvas.write("xy", x: -1, y: 1)
    canvas.write("lost", x: 0, y: 5)
    canvas.frame(Area(x: 2, y: 1, width: 9, height: 9))
    #expect(canvas.text == " ab…\ny ╭─")
  }

  @Test func theSmallestCanvasesTakeEveryDrawing() {
    for (width, height) in [(0, 0), (1, 1), (2, 1), (1, 3)] {
      var canvas = Canvas(width: width, height: height, drawing: .plain)
      canvas.frame(canvas.area, title: "title", note: "note")
      canvas.fill(canvas.area.inset(), with: Cell("x"))
      #expect(canvas.cells.count == width * height)
    }
  }

  @Test func aFrameCarriesItsTitle() {
    var canvas = Canvas(width: 16, height: 3, drawing: .plain)
    let inside = canvas.frame(canvas.area, title: "loss", note: "log")
    canvas.write("0.5", x: inside.x, y: inside.y)
    #expect(canvas.text == "╭─ loss ─ log ─╮\n│0.5           │\n╰──────────────╯")
  }

  @Test func asciiTerminalsGetAsciiLetters() {
    var canvas = Canvas(width: 10, height: 2, drawing: Drawing(color: .none, unicode: false))
    canvas.write("3×4 …  ⣿⠁", x: 0, y: 0)
    canvas.write("日", x: 0, y: 1)
    #expect(canvas.text == "3x4 ~  :'\n?")
  }

  @Test func noColourMeansNoEscapeByte() {
    var canvas = Canvas(width: 8, height: 1, drawing: colored)
    canvas.write("red", x: 0, y: 0, Style(.palette(1), on: .palette(17), bold: true))
    #expect(!canvas.text(drawing: .plain).contains("\u{1B}"))
    #expect(canvas.text(drawing: .plain) == "red")
  }

  @Test func aCodeIsWrittenOnlyWhereTheStyleChanges() {
    var canvas = Canvas(width: 12, height: 1, drawing: colored)
    canvas.write("aa", x: 0, y: 0, Style(.palette(81)))
    canvas.write("bb", x: 2, y: 0, Style(.palette(81), bold: true))
    canvas.write("cc", x: 4, y: 0, Style(.palette(3)))
    canvas.write("d", x: 6, y: 0)
    #expect(
      canvas.text == "\u{1B}[38;5;81maa\u{1B}[1mbb\u{1B}[0;33mcc\u{1B}[0md")
  }
}
