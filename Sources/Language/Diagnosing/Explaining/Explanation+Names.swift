extension Explanation {
  /// Names, calls and files.
  static let names: [Explanation] = [
    Explanation(
      "E001", "a name is not known",
      """
      A name has to be given a value before it is used, or belong to the library. Names are \
      compared letter by letter, capitals included; a near one is offered.
      """, wrong: "total = 3\nprint(totl)", right: "total = 3\nprint(total)"),
    Explanation(
      "E002", "a name of another language",
      """
      The name is usual elsewhere, and something here does the same under another name or in \
      another way; the help says which.
      """, wrong: "x = {1, 2}\nlen(x)", right: "x = {1, 2}\nlength(x)"),
    Explanation(
      "E003", "a name of the library keeps its meaning",
      """
      A program cannot give a builtin another value, since the rest of the program would mean \
      something else without a trace. A parameter may have such a name: it says what it is.
      """, wrong: "sum = 3", right: "my_sum = 3"),
    Explanation(
      "E004", "a jump outside of what it leaves",
      """
      'break' and 'continue' belong inside a loop, 'return' inside a function. A program ends at \
      its last line, or with error("…").
      """, wrong: "return 5", right: "function f()\n  return 5\nend\nf()"),
    Explanation(
      "E005", "'include' inside a function",
      """
      Including a file declares its names where it stands; inside a function they would come and \
      go with every call. Include at the top, and call its functions anywhere.
      """, wrong: "function f()\n  include(\"other.mfs\")\nend",
      right: "function f()\n  1\nend"),
    Explanation(
      "E006", "a file of the program cannot be read",
      """
      Paths after 'include' and 'import' start at the folder of the file in which they stand.
      """, wrong: "include(\"there-is-no-such-file.mfs\")", right: "print(1)"),
    Explanation(
      "E007", "a file includes itself",
      """
      A file that includes another one which includes the first again would never end. Put what \
      both need into a third file.
      """, wrong: "", right: "print(1)"),
    Explanation(
      "E008", "an argument is given twice",
      """
      Every parameter gets one value, by position or by name.
      """, wrong: "f(x, k=2) = x + k\nf(1, k=3, k=4)", right: "f(x, k=2) = x + k\nf(1, k=3)"),
    Explanation(
      "E009", "too many arguments",
      """
      The function takes fewer arguments by position. What configures a call is given by name, \
      which also says what it means: nmf(X, 3, seed=1).
      """, wrong: "f(x) = x\nf(1, 2)", right: "f(x) = x\nf(1)"),
    Explanation(
      "E010", "a parameter is not known",
      """
      Arguments by name have to be spelled as they are declared; ?name shows the declaration.
      """, wrong: "f(x, rate=1) = x * rate\nf(1, rte=2)",
      right: "f(x, rate=1) = x * rate\nf(1, rate=2)"),
    Explanation(
      "E011", "an argument is missing",
      """
      A parameter without a default has to be given, by position or by name.
      """, wrong: "f(x, y) = x + y\nf(1)", right: "f(x, y) = x + y\nf(1, 2)"),
    Explanation(
      "E012", "there is no last answer",
      """
      'ans' is the value of the last expression at the prompt. Programs have no answers: give the \
      value a name.
      """, wrong: "print(ans)", right: "x = 1 + 1\nprint(x)"),
    Explanation(
      "E013", "the arguments of 'assert'",
      """
      'assert' takes a condition and, if you like, a message for when it does not hold.
      """, wrong: "assert()", right: "assert(1 < 2, \"numbers are in order\")"),
    Explanation(
      "E014", "a variable has no value yet",
      """
      A name is used above the line that gives it a value, or only one branch gives it one, or a \
      function assigns it and so has a variable of its own: functions see the variables around \
      them but do not change them.
      """, wrong: "print(x)\nx = 1", right: "x = 1\nprint(x)"),
    Explanation(
      "E015", "there is no such field",
      """
      Records, models and networks have fields, listed by keys(x). Other values have none: what \
      belongs to an object elsewhere is a function here, such as size(A) and A'.
      """, wrong: "r = {rank = 3}\nr.rnk", right: "r = {rank = 3}\nr.rank"),
    Explanation(
      "E016", "a record lacks a field that is taken out of it",
      """
      (a, b) = r takes the fields a and b out of a record, or all fields in order where none has \
      such a name.
      """, wrong: "(a, c) = {a = 1, b = 2, d = 3}", right: "(a, b) = {a = 1, b = 2, d = 3}"),
  ]
}
