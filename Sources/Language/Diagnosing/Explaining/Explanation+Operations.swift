extension Explanation {
  /// Operators, shapes, conditions and what a run can end in.
  static let operations: [Explanation] = [
    Explanation(
      "E020", "an operator does not take these kinds of values",
      """
      Arithmetic takes numbers and matrices, + joins two texts or two lists, comparisons take \
      values of one kind. A value becomes part of a text in a hole: "{x}".
      """, wrong: "\"rank \" + 3", right: "\"rank {3}\""),
    Explanation(
      "E021", "the inner sizes of a matrix product differ",
      """
      An m×k matrix times a k×n matrix is m×n: the columns of the left factor must be as many as \
      the rows of the right one. Swap the factors, transpose one with ', or write .* to multiply \
      element by element.
      """, wrong: "H = ones(2, 5)\nW = ones(4, 2)\nH * W",
      right: "H = ones(2, 5)\nW = ones(4, 2)\nW * H"),
    Explanation(
      "E022", "the shapes of a sum differ",
      """
      + - and comparisons take equal shapes, or a number on one side. Nothing is stretched \
      silently: .+ and .- repeat a single row or column.
      """, wrong: "ones(3, 2) - [1, 2]", right: "ones(3, 2) .- [1, 2]"),
    Explanation(
      "E023", "shapes that cannot be stretched to each other",
      """
      The dotted operators repeat a single row or a single column. Two dimensions fit when they \
      are equal or one of them is 1.
      """, wrong: "ones(3, 2) .* [1, 2, 3]", right: "ones(3, 2) .* [1; 2; 3]"),
    Explanation(
      "E024", "the two sides of '\\' have different numbers of rows",
      """
      A \\ b solves A x = b, so b has a row for every row of A.
      """, wrong: "[2, 0; 0, 4] \\ [1; 2; 3]", right: "[2, 0; 0, 4] \\ [1; 2]"),
    Explanation(
      "E025", "the parts of a matrix do not fit together",
      """
      In [A, B] the parts stand side by side and need equally many rows; in [A; B] they stand one \
      above the other and need equally many columns.
      """, wrong: "[1, 2; 3]", right: "[1, 2; 3, 4]"),
    Explanation(
      "E026", "a square matrix is needed",
      """
      Powers, inverses, determinants and eigenvalues belong to matrices with as many rows as \
      columns. The power .^ is that of every element.
      """, wrong: "ones(2, 3) ^ 2", right: "ones(2, 3) .^ 2"),
    Explanation(
      "E027", "a sign before or behind the wrong kind of value",
      """
      The minus, the ! and the transpose ' belong to numbers and matrices.
      """, wrong: "-\"text\"", right: "-3"),
    Explanation(
      "E028", "a result would not fit into memory",
      """
      A dense matrix takes 8 bytes an element. A product of a long column and a long row is \
      large; the other order gives a number.
      """, wrong: "x = zeros(3000000, 1)\nx * x'", right: "x = zeros(3000000, 1)\nx' * x"),
    Explanation(
      "E029", "the computation has no result",
      """
      The shapes fit, the numbers do not: a singular matrix has no inverse. pinv and lstsq give \
      the best there is.
      """, wrong: "[1, 2; 2, 4] \\ [1; 2]", right: "[1, 2; 3, 4] \\ [1; 2]"),
    Explanation(
      "E030", "the end of a range is no number",
      """
      A range runs from a number to a number: 1:n, or 0:0.1:1 with a step.
      """, wrong: "1:\"three\"", right: "1:3"),
    Explanation(
      "E031", "the step of a range is 0",
      """
      With a step of 0 a range would never arrive.
      """, wrong: "1:0:5", right: "1:1:5"),
    Explanation(
      "E032", "a range is too long",
      """
      A range has finite ends, and not more numbers than a matrix can have columns.
      """, wrong: "1:1e300", right: "1:1e3"),
    Explanation(
      "E033", "the elements of a matrix are numbers",
      """
      [ ] makes matrices of numbers and matrices. A list of any values is written { }.
      """, wrong: "[1, \"two\"]", right: "{1, \"two\"}"),
    Explanation(
      "E034", "a condition is true or false",
      """
      'if' and 'while' take a truth value. A number is compared, as in n != 0; a matrix of truth \
      values is summed up by all(…) or any(…).
      """, wrong: "n = 3\nif n\n  print(n)\nend", right: "n = 3\nif n != 0\n  print(n)\nend"),
    Explanation(
      "E035", "'&&' and '||' take true or false",
      """
      They look at the right side only where the left one leaves it open. For matrices of truth \
      values there are & and |, element by element.
      """, wrong: "true && 1", right: "true && 1 > 0"),
    Explanation(
      "E036", "nothing to go through in a loop",
      """
      A loop goes through a range, the elements of a list, the letters of a text or the columns \
      of a matrix. To count, write 1:n.
      """, wrong: "for i in 3\n  print(i)\nend", right: "for i in 1:3\n  print(i)\nend"),
    Explanation(
      "E037", "a value does not have as many parts as names",
      """
      (a, b) = x takes a list or a vector of exactly so many elements apart, or a record. The \
      name _ stands for a part that is not needed.
      """, wrong: "(a, b) = {1, 2, 3}", right: "(a, b, _) = {1, 2, 3}"),
    Explanation(
      "E038", "only functions can be called",
      """
      Round brackets call a function; the elements of a matrix or list are written with square \
      brackets.
      """, wrong: "A = [1, 2; 3, 4]\nA(1, 2)", right: "A = [1, 2; 3, 4]\nA[1, 2]"),
    Explanation(
      "E039", "a function calls itself without end",
      """
      Every call takes memory until it returns; ten thousand may be open. Look for the case in \
      which the function should stop, or use a loop.
      """, wrong: "f(n) = f(n + 1)\nf(1)",
      right: "f(n) = if n > 5 then n else f(n + 1) end\nf(1)"),
    Explanation(
      "E040", "values too deep inside one another",
      """
      Lists, records and functions can be a thousand levels deep.
      """, wrong: "x = {}\nfor i in 1:2000\n  x = {x}\nend",
      right: "x = {}\nfor i in 1:2000\n  x += {i}\nend"),
    Explanation(
      "E041", "a training run diverged",
      """
      The objective is no longer finite: the steps were too long, or the data hold NaN. A smaller \
      learning rate is the first thing to try.
      """, wrong: "", right: "print(1)"),
    Explanation(
      "E042", "the system refused",
      """
      Something outside the program said no.
      """, wrong: "", right: "print(1)"),
    Explanation(
      "E043", "the program raised an error",
      """
      The program called error("…"). 'try … catch e … end' hears it; e.message is the text.
      """, wrong: "error(\"the rank must be positive\")",
      right: "try\n  error(\"no\")\ncatch e\n  print(e.message)\nend"),
    Explanation(
      "E044", "an assertion does not hold",
      """
      assert(condition) ends the program with the values on both sides where the condition is \
      false.
      """, wrong: "assert(1 == 2)", right: "assert(1 == 1)"),
    Explanation(
      "E045", "a value that cannot be spread",
      """
      {r..., a = 2} takes the fields of a record into another one, {xs..., 4} the elements of a \
      list or range into a list.
      """, wrong: "x = 3\ny = {x..., 4}", right: "x = {3}\ny = {x..., 4}"),
    Explanation(
      "E070", "an argument of another kind is needed",
      """
      Every parameter of a builtin takes one kind of value; ?name shows which.
      """, wrong: "sqrt(\"four\")", right: "sqrt(4)"),
    Explanation(
      "E071", "the shapes of the arguments do not fit",
      """
      The help of a builtin shows the shapes it takes and gives: the same letter is the same \
      size.
      """, wrong: "solve([1, 2; 3, 4], [1; 2; 3])", right: "solve([1, 2; 3, 4], [1; 2])"),
    Explanation(
      "E072", "an argument has a value that is not accepted",
      """
      Some parameters take a few texts, or numbers between bounds; the message names them.
      """, wrong: "nmf([1, 2; 3, 4], 1, solver=\"newton\")",
      right: "size(nmf([1, 2; 3, 4], 1, solver=\"mu\").W)"),
    Explanation(
      "E073", "a file cannot be used",
      """
      The file is not there, may not be read, or does not hold what its ending says.
      """, wrong: "read(\"there-is-no-such-file.csv\")", right: "print(1)"),
    Explanation(
      "E074", "a builtin has no result for these numbers",
      """
      The shapes fit, the numbers do not: a singular matrix has no inverse, a matrix that is not \
      positive definite no Cholesky factor.
      """, wrong: "inv([1, 2; 2, 4])", right: "inv([1, 2; 3, 4])"),
  ]
}
