// ncursesw as Swift sees it: macros, globals and variadic functions that Swift cannot import become
// inline functions without logic.
#pragma once
#ifndef _XOPEN_SOURCE_EXTENDED
#define _XOPEN_SOURCE_EXTENDED 1
#endif
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <locale.h>
#include <ncursesw/curses.h>
#include <ncursesw/term.h>

static inline WINDOW *curses_window(void) { return stdscr; }
static inline int curses_colors(void) { return COLORS; }
static inline int curses_color_pairs(void) { return COLOR_PAIRS; }

static inline attr_t curses_bold(void) { return A_BOLD; }
static inline attr_t curses_dim(void) { return A_DIM; }
static inline attr_t curses_reverse(void) { return A_REVERSE; }

static inline int curses_set_cell(cchar_t *cell, wchar_t letter, attr_t attributes, int pair) {
  wchar_t text[2] = {letter, 0};
  return setcchar(cell, text, attributes, 0, &pair);
}

static inline char *curses_capability(const char *name) {
  char *text = tigetstr((char *)name);
  return text == (char *)-1 ? 0 : text;
}
