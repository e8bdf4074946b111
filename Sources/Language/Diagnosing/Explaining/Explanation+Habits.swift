extension Explanation {
  /// What people write who come from another language.
  static let habits: [Explanation] = [
    Explanation(
      "E200", "the matrix product is '*'",
      """
      As on paper, * between matrices is the matrix product, and .* works element by element. \
      Python writes @, R writes %*%.
      """, wrong: "A = [1, 2; 3, 4]\nA @ A",
      right: "A = [1, 2; 3, 4]\nA * A"),
    Explanation(
      "E201", "a power is written '^'",
      "x^2 is a power, A^2 is A * A, and A .^ 2 squares the elements. Python writes **.",
      wrong: "x = 2 ** 3", right: "x = 2 ^ 3"),
    Explanation(
      "E202", "a text is written in double quotes",
      "The single quote is the transpose, as in A'.", wrong: "x = 'text'", right: "x = \"text\""),
    Explanation(
      "E203", "columns are separated by commas",
      """
      Spaces never separate: [1 -1] means one thing in one language and another in the next. \
      Commas part columns, semicolons or new lines part rows.
      """, wrong: "x = [1 2 3]",
      right: "x = [1, 2, 3]"),
    Explanation(
      "E204", "a sign that could mean two things",
      """
      In a matrix, 1 -1 could be two columns or a difference. A comma makes it two columns, a \
      space behind the sign a difference.
      """, wrong: "x = [1 -1]", right: "x = [1, -1]"),
    Explanation(
      "E205", "the word is 'elseif'",
      "One word, and so one 'end' for the whole choice.",
      wrong: "x = 1\nif x > 1\n  2\nelif x > 0\n  3\nend",
      right: "x = 1\nif x > 1\n  2\nelseif x > 0\n  3\nend"),
    Explanation(
      "E206", "a function starts with 'function'",
      "Or in one line: f(x) = x^2.", wrong: "def f(x)\n  x^2\nend",
      right: "function f(x)\n  x^2\nend"),
    Explanation(
      "E207", "a function without a name is written '->'",
      "x -> x^2, or (x, y) -> x + y.", wrong: "f = lambda x: x^2", right: "f = x -> x^2"),
    Explanation(
      "E208", "a call needs brackets", "print(x), also with a single argument.",
      wrong: "x = 1\nprint x", right: "x = 1\nprint(x)"),
    Explanation(
      "E209", "'++' is no operator", "x += 1 adds to a variable.", wrong: "x = 1\nx++",
      right: "x = 1\nx += 1"),
    Explanation(
      "E210", "a comment starts with '#'", "There is one sign for comments.",
      wrong: "// comment\nx = 1", right: "# comment\nx = 1"),
    Explanation(
      "E211", "a comment starts with '#', not '%'", "% is the remainder of a division.",
      wrong: "% comment\nx = 1", right: "# comment\nx = 1"),
    Explanation(
      "E212", "'not equal' is '!='", "The tilde has no meaning here.", wrong: "x = 1 ~= 2",
      right: "x = 1 != 2"),
    Explanation(
      "E213", "'not' is '!'", "The tilde has no meaning here.", wrong: "x = ~true",
      right: "x = !true"),
    Explanation(
      "E214", "'equal' is '=='", "There is one kind of equality.", wrong: "x = 1 === 1",
      right: "x = 1 == 1"),
    Explanation(
      "E215", "a condition compares with '=='", "A single = gives a value to a name.",
      wrong: "x = 1\nif x = 1\n  2\nend", right: "x = 1\nif x == 1\n  2\nend"),
    Explanation(
      "E216", "a block needs no colon",
      "A new line begins the block, 'end' closes it; indentation means nothing.",
      wrong: "for i in 1:2:\n  print(i)\nend", right: "for i in 1:2\n  print(i)\nend"),
    Explanation(
      "E217", "a block needs no braces", "A new line begins the block, 'end' closes it.",
      wrong: "x = 1\nif x == 1 {\n  print(x)\n}", right: "x = 1\nif x == 1\n  print(x)\nend"),
    Explanation(
      "E218", "a loop is written with 'in'", "for i in 1:3 goes through a range.",
      wrong: "for i = 1:3\n  print(i)\nend", right: "for i in 1:3\n  print(i)\nend"),
    Explanation(
      "E219", "several values are a list",
      "A list is written in braces; (a, b) = … takes one apart.", wrong: "x = (1, 2)",
      right: "x = {1, 2}"),
    Explanation(
      "E220", "a name gets its value with '='", "The arrow <- would read as 'less than minus'.",
      wrong: "x <- 3", right: "x = 3"),
    Explanation(
      "E221", "operators are signs", "and, or, not, is and mod are && || ! == %.",
      wrong: "x = true and false", right: "x = true && false"),
    Explanation(
      "E222", "a block is closed by 'end'", "One word closes every kind of block.",
      wrong: "for i in 1:2\n  print(i)\nendfor", right: "for i in 1:2\n  print(i)\nend"),
    Explanation(
      "E223", "an operator is missing", "Multiplication is always written: 2 * x.",
      wrong: "x = 3\ny = 2x", right: "x = 3\ny = 2 * x"),
    Explanation(
      "E224", "results of functions have no names",
      "The value of a function is that of its last line, or of 'return'.",
      wrong: "function y = f(x)\n  y = x^2\nend", right: "function f(x)\n  x^2\nend"),
    Explanation(
      "E225", "a variable needs no declaration", "x = 3 is enough.", wrong: "let x = 3",
      right: "x = 3"),
    Explanation(
      "E226", "a range needs both ends", "A[2:end] is all but the first, A[1:3] the first three.",
      wrong: "A = [1, 2, 3]\nA[1:]", right: "A = [1, 2, 3]\nA[1:end]"),
    Explanation(
      "E227", "a choice is written with 'if'", "if c then a else b end is an expression.",
      wrong: "x = 1\ny = x > 0 ? 1 : 2", right: "x = 1\ny = if x > 0 then 1 else 2 end"),
    Explanation(
      "E228", "a function is written with '->'",
      "x -> x^2; the name of a function alone is the function.", wrong: "f = @(x) x^2",
      right: "f = (x) -> x^2"),
    Explanation(
      "E229", "a transpose is a ' behind the matrix", "No dot is needed: numbers are real.",
      wrong: "A = [1, 2]\nB = A.'", right: "A = [1, 2]\nB = A'"),
    Explanation(
      "E230", "several results are a list", "return {a, b}, and (a, b) = f(x) where it is called.",
      wrong: "function f(x)\n  return x, x\nend", right: "function f(x)\n  return {x, x}\nend"),
    Explanation(
      "E231", "texts have no prefix", "Every text takes values in holes: \"x is {x}\".",
      wrong: "x = 3\nprint(f\"x is {x}\")", right: "x = 3\nprint(\"x is {x}\")"),
    Explanation(
      "E232", "the library needs no import",
      "Everything in the library is there; import is for files of your own.",
      wrong: "import numpy as np", right: "print(ones(2, 2))"),
    Explanation(
      "E233", "elements are written with square brackets",
      "Round brackets call functions, square ones take elements.",
      wrong: "x = [1, 2, 3]\ny = x(end)", right: "x = [1, 2, 3]\ny = x[end]"),
    Explanation(
      "E234", "a list of results is made with 'map'",
      """
      map(xs, x -> …) calls a function for every element, filter(xs, x -> …) keeps those for which \
      it is true. Formulas of numbers need neither: (1:3) .^ 2.
      """,
      wrong: "y = [x^2 for x in 1:3]", right: "y = map(1:3, x -> x^2)"),
    Explanation(
      "E235", "'in' belongs to loops",
      "contains(xs, x) tells whether x is among the elements of xs.",
      wrong: "xs = {1, 2}\nprint(2 in xs)", right: "xs = {1, 2}\nprint(contains(xs, 2))"),
    Explanation(
      "E236", "arguments are separated by commas", "Those by name, too: f(x, y=2).",
      wrong: "x = round(2.345; digits=1)", right: "x = round(2.345, digits=1)"),
    Explanation(
      "E237", "the fields of a record are written with '='",
      "{a = 1, b = 2} is a record; a colon makes a range, as in 1:3.", wrong: "r = {\"a\": 1}",
      right: "r = {\"a\" = 1}"),
    Explanation(
      "E238", "a loop needs no brackets",
      "for x in … goes through a range, a list, a text or the columns of a matrix.",
      wrong: "for (i in 1:3)\n  print(i)\nend", right: "for i in 1:3\n  print(i)\nend"),
    Explanation(
      "E239", "a value is passed on with '|>'", "The left side becomes the first argument.",
      wrong: "x = [1, 2] %>% sum()", right: "x = [1, 2] |> sum()"),
    Explanation(
      "E240", "a choice between values is written with 'if'",
      "Nothing has to be left with 'break': one branch runs.",
      wrong: "x = 1\nswitch x\ncase 1\n  print(1)\nend",
      right: "x = 1\nif x == 1\n  print(1)\nend"),
    Explanation(
      "E241", "a loop that ends in the middle uses 'break'",
      "while true … end goes on until a 'break'.",
      wrong: "x = 1\nrepeat\n  x += 1\nuntil x > 3",
      right: "x = 1\nwhile true\n  x += 1\n  if x > 3 then break end\nend"),
    Explanation(
      "E242", "'unless' is 'if' with '!'", "if !(x > 1) … end.",
      wrong: "x = 1\nunless x > 1\n  print(x)\nend",
      right: "x = 1\nif !(x > 1)\n  print(x)\nend"),
    Explanation(
      "E243", "a block needs no 'do'", "A new line begins the block, 'end' closes it.",
      wrong: "for i in 1:2 do\n  print(i)\nend", right: "for i in 1:2\n  print(i)\nend"),
    Explanation(
      "E244", "the word is 'catch'",
      """
      try … catch e … end; e.message and e.kind say what went wrong. What stands behind the end runs \
      in both cases, so nothing like 'finally' is needed.
      """,
      wrong: "try\n  x = 1\nexcept e\n  x = 2\nend", right: "try\n  x = 1\ncatch e\n  x = 2\nend"),
    Explanation(
      "E245", "a whole quotient is floor(a / b)", "The sign // begins a comment elsewhere.",
      wrong: "x = 7 // 2", right: "x = floor(7 / 2)"),
    Explanation(
      "E246", "numbers are real",
      """
      There are no complex numbers. eig(A, complex=true) gives real and imaginary parts of \
      eigenvalues apart.
      """, wrong: "x = 3 + 4i", right: "x = eig([0, -1; 1, 0], complex=true).imaginary"),
    Explanation(
      "E247", "a field is written with a dot", "r.a, or r[\"a\"] where the name is a value.",
      wrong: "r = {a = 1}\nx = r$a", right: "r = {a = 1}\nx = r.a"),
    Explanation(
      "E248", "all rows or all columns are ':'", "A[:, 1] is a column, A[1, :] a row.",
      wrong: "A = [1, 2; 3, 4]\nx = A[, 1]", right: "A = [1, 2; 3, 4]\nx = A[:, 1]"),
    Explanation(
      "E249", "functions change nothing in place",
      "Values stay as they are: a function returns a new one, which a name can be given.",
      wrong: "x = [3, 1, 2]\nsort!(x)", right: "x = [3, 1, 2]\nx = sort(x)"),
    Explanation(
      "E250", "a text is written in double quotes",
      "It ends in the line in which it begins; \\n stands for a line end in it.",
      wrong: "x = \"\"\"text\"\"\"", right: "x = \"text\""),
    Explanation(
      "E251", "a range is written with a colon", "1:3 has both ends; 1:2:9 has a step.",
      wrong: "x = 1..3", right: "x = 1:3"),
    Explanation(
      "E252", "four operators change a variable", "They are +=, -=, *= and /=.",
      wrong: "x = 3\nx ^= 2", right: "x = 3\nx = x ^ 2"),
    Explanation(
      "E253", "comparisons and calls take matrices without a dot",
      "They go element by element as they are; dots are for .*, ./ and .^.",
      wrong: "x = [1, 2]\ny = x .> 1", right: "x = [1, 2]\ny = x > 1"),
    Explanation(
      "E254", "help is asked for at the prompt",
      "There ?nmf tells what nmf does; mfs help nmf tells it to a shell.",
      wrong: "?nmf", right: "print(nmf)"),
    Explanation(
      "E255", "a list is spread in braces alone",
      "{xs..., 4} is a longer list, {r..., a = 2} a record; a row of the elements is hcat(xs), a column vcat(xs).",
      wrong: "xs = {1, 2}\nx = [xs...]", right: "xs = {1, 2}\nx = hcat(xs)"),
  ]
}
