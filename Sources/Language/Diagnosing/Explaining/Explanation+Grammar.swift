extension Explanation {
  /// What cannot be read.
  static let grammar: [Explanation] = [
    Explanation(
      "E100", "a sign without meaning",
      "The letter is none that programs are written with, outside of texts and comments.",
      wrong: "x = 3 § 4", right: "x = 3 * 4"),
    Explanation(
      "E101", "a hexadecimal number without digits",
      "0x begins a number in base 16, such as 0xff.", wrong: "x = 0x", right: "x = 0xff"),
    Explanation(
      "E102", "a text is not closed",
      "A text ends in the line in which it begins; \\n stands for a line end.",
      wrong: "x = \"open", right: "x = \"open\""),
    Explanation(
      "E103", "an unknown escape in a text",
      "A backslash stands before n, t, r, 0, a quote, a brace, u{…} or another backslash.",
      wrong: "x = \"C:\\data\"", right: "x = \"C:\\\\data\""),
    Explanation(
      "E104", "a hole in a text is not closed",
      "Braces in a text hold an expression; \\{ is a brace that is only a letter.",
      wrong: "x = \"{1 + 1\"", right: "x = \"{1 + 1}\""),
    Explanation(
      "E105", "a hole in a text is empty",
      "Braces in a text hold an expression; \\{ is a brace that is only a letter.",
      wrong: "x = \"{}\"", right: "x = \"\\{\\}\""),
    Explanation(
      "E106", "something else is needed here",
      "The program stops making sense at this place; the message says what would go on.",
      wrong: "x = 3 +", right: "x = 3 + 4"),
    Explanation(
      "E107", "a bracket is never closed",
      "Every ( [ { needs its partner. The place shown is where it was opened.",
      wrong: "x = (1 + 2", right: "x = (1 + 2)"),
    Explanation(
      "E108", "brackets of two kinds",
      "What was opened with ( is closed with ), and so on.", wrong: "x = [1, 2)",
      right: "x = [1, 2]"),
    Explanation(
      "E109", "a bracket closes nothing",
      "There is a closing bracket too many, or an opening one too few.", wrong: "x = 1 + 2)",
      right: "x = (1 + 2)"),
    Explanation(
      "E110", "a block is never closed",
      "function, if, for, while and try each need an 'end'. Indentation means nothing here.",
      wrong: "for i in 1:3\n  print(i)", right: "for i in 1:3\n  print(i)\nend"),
    Explanation(
      "E111", "an 'end' closes nothing",
      "There is an 'end' too many, or a block above ended too early.",
      wrong: "x = 1\nend", right: "x = 1"),
    Explanation(
      "E112", "too deep inside one another",
      "Brackets and blocks can be 200 deep. Give an inner part a name of its own.",
      wrong: "", right: "print(1)"),
    Explanation(
      "E113", "an expression is too long",
      "Give a part of it a name of its own.", wrong: "", right: "print(1)"),
    Explanation(
      "E114", "comparisons cannot be chained",
      "a < b < c would compare a truth value with a number. Write a < b && b < c.",
      wrong: "x = 2\ny = 1 < x < 3", right: "x = 2\ny = 1 < x && x < 3"),
    Explanation(
      "E115", "this cannot be given a value",
      "Names, elements and fields can: x = 1, A[1, 2] = 1, r.field = 1, (a, b) = {1, 2}.",
      wrong: "1 + 1 = 2", right: "x = 1 + 1"),
    Explanation(
      "E116", "a parameter needs a default",
      """
      Once a parameter has a default, those behind it need one too, so that it is clear which \
      are left out.
      """, wrong: "function f(a=1, b)\n  a + b\nend", right: "f(b, a=1) = a + b"),
    Explanation(
      "E117", "a name is there twice",
      "Parameters, fields and names that take a value apart all differ.",
      wrong: "f(a, a) = a", right: "f(a, b) = a"),
    Explanation(
      "E118", "arguments without a name come first",
      "Write what has no name before what has one.", wrong: "print(k=1, 2)",
      right: "f(x, k=2) = x\nf(2, k=1)"),
    Explanation(
      "E119", "braces hold a list or a record",
      "{1, 2} is a list, {a = 1, b = 2} a record; one pair of braces is not both.",
      wrong: "x = {1, b = 2}", right: "x = {a = 1, b = 2}"),
    Explanation(
      "E120", "a word that belongs to a block",
      "'else', 'elseif' and 'catch' stand inside the block that they part.", wrong: "else",
      right: "if true\n  1\nelse\n  2\nend"),
    Explanation(
      "E121", "a file starts with '|>'",
      "At the prompt a line that starts with |> takes the last answer; a file has none.",
      wrong: "|> print()", right: "3 |> print()"),
  ]
}
