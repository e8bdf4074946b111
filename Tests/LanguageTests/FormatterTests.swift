import Foundation
import Language
import Testing

/// What `mfs fmt` makes of programs.
@Suite struct FormatterTests {
  private func formatted(_ text: String) -> String {
    let source = SourceText(name: "file.mfs", text: text)
    do {
      let once = try Formatter.format(source)
      let twice = try Formatter.format(SourceText(name: "file.mfs", text: once))
      #expect(once == twice)
      #expect(Formatter.keepsMeaning(source))
      return once
    } catch {
      return "error"
    }
  }

  @Test func operatorsHaveSpacesAndSignsHaveNone() {
    #expect(formatted("x=1+2*-3") == "x = 1 + 2 * -3\n")
    #expect(formatted("y  =  - x ^ 2 .^ 3") == "y = -x^2 .^ 3\n")
    #expect(formatted("z=!a&&b||! c") == "z = !a && b || !c\n")
    #expect(formatted("a - -b") == "a - -b\n")
    #expect(formatted("x+=1;y-=2") == "x += 1; y -= 2\n")
    #expect(formatted("A '*B'") == "A' * B'\n")
  }

  @Test func rangesStandClose() {
    #expect(formatted("A[ 2 : end , : ]") == "A[2:end, :]\n")
    #expect(formatted("for i in 1 : n - 1; i; end") == "for i in 1:n-1; i; end\n")
    #expect(formatted("0 : .5 : -1") == "0:.5:-1\n")
    #expect(formatted("A[end-1]") == "A[end - 1]\n")
  }

  @Test func argumentsAndFieldsAreToldApart() {
    #expect(formatted("f( x , k = 3 )=x ^k") == "f(x, k=3) = x^k\n")
    #expect(formatted("r={a=1,b = - 2}") == "r = {a = 1, b = -2}\n")
    #expect(formatted("{ r ... , a=2}") == "{r..., a = 2}\n")
    #expect(formatted("f (x) . y [1]") == "f(x).y[1]\n")
    #expect(formatted("include (\"a.mfs\")") == "include(\"a.mfs\")\n")
    #expect(formatted("g = function(x) x end") == "g = function (x) x end\n")
    #expect(formatted("f(k=-1)") == "f(k=-1)\n")
  }

  @Test func blocksAreIndentedByTwo() {
    let text = """
      function f(x)
      if x>1
            y=2
      elseif x < 0
      # below
      y = 3
      else
      y = 4
      end
      map(xs, function (z)
      z+1
      end)
      end
      """
    #expect(
      formatted(text) == """
        function f(x)
          if x > 1
            y = 2
          elseif x < 0
            # below
            y = 3
          else
            y = 4
          end
          map(xs, function (z)
            z + 1
          end)
        end

        """)
  }

  @Test func linesThatGoOnAreIndented() {
    #expect(formatted("x = 1 +\n2") == "x = 1 +\n  2\n")
    #expect(formatted("x\n|> f\n|> g") == "x\n  |> f\n  |> g\n")
    #expect(formatted("A = [1, 2;\n3, 4]") == "A = [1, 2;\n     3, 4]\n")
    #expect(formatted("A = [\n1, 2\n3, 4\n]") == "A = [\n  1, 2\n  3, 4\n]\n")
    #expect(formatted("f(x,\ny=2)") == "f(x,\n  y=2)\n".replacing("  y", with: "  y"))
    #expect(formatted("[1\n-2]") == "[1\n -2]\n")
  }

  @Test func commentsStayAndEmptyLinesAreFew() {
    #expect(formatted("\n\n#  a  \n\n\n\nx=1# b\n") == "#  a\n\nx = 1  # b\n")
    #expect(
      formatted("x = 1   # a\nlong = 2 # b\ny = 3 # c\n")
        == "x = 1  # a\nlong = 2  # b\ny = 3  # c\n")
    #expect(
      formatted("x = 1       # a\nlong = 2    # b\n") == "x = 1     # a\nlong = 2  # b\n")
    #expect(formatted("#!/usr/bin/env mfs\n# %% Cell\n") == "#!/usr/bin/env mfs\n# %% Cell\n")
    #expect(formatted("x = 1\r\n\ty = 2\r\n") == "x = 1\ny = 2\n")
    #expect(formatted("") == "")
  }

  @Test func textsAreLeftAlone() {
    #expect(formatted("\"a  {x+1:.2f}  # no comment\"") == "\"a  {x+1:.2f}  # no comment\"\n")
    #expect(formatted("0xFF+1_000") == "0xFF + 1_000\n")
  }

  @Test func wrongProgramsAreNotFormatted() {
    #expect(throws: Failure.self) {
      try Formatter.format(SourceText(name: "file.mfs", text: "x = ("))
    }
  }

  private static let samples: [String] = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("samples")
    let files = FileManager.default.enumerator(atPath: root.path)?.allObjects ?? []
    return files.compactMap { $0 as? String }.filter { $0.hasSuffix(".mfs") }.sorted()
      .map { "\(root.path)/\($0)" }
  }()

  /// Every sample that can be read is formatted, but for the wrong ones, which show mistakes as
  /// people make them.
  @Test(arguments: samples) func samplesAreFormattedAndKeepTheirMeaning(_ path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let source = SourceText(name: path, text: text)
    #expect(Formatter.keepsMeaning(source))
    guard let once = try? Formatter.format(source) else { return }
    #expect(try Formatter.format(SourceText(name: path, text: once)) == once)
    if !path.contains("/errors/") { #expect(once == text, "run make format") }
  }
}
