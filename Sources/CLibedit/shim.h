// libedit as Swift sees it: its variadic functions become typed inline functions without logic.
#pragma once
#include <histedit.h>
#include <stdio.h>

typedef char *(*mfs_el_prompt)(EditLine *);
typedef unsigned char (*mfs_el_command)(EditLine *, int);

static inline EditLine *mfs_el_init(const char *program) {
  return el_init(program, stdin, stdout, stderr);
}

static inline void mfs_el_set_editor(EditLine *el, const char *mode) {
  el_set(el, EL_EDITOR, mode);
}

static inline const char *mfs_el_get_editor(EditLine *el) {
  const char *mode = "";
  el_get(el, EL_EDITOR, &mode);
  return mode;
}

static inline void mfs_el_set_signal(EditLine *el, int handles) {
  el_set(el, EL_SIGNAL, handles);
}

static inline void mfs_el_set_prompt(EditLine *el, mfs_el_prompt prompt, char marker) {
  el_set(el, EL_PROMPT_ESC, prompt, marker);
}

static inline void mfs_el_set_reader(EditLine *el, el_rfunc_t read) {
  el_set(el, EL_GETCFN, read);
}

static inline void mfs_el_set_client(EditLine *el, void *client) {
  el_set(el, EL_CLIENTDATA, client);
}

static inline void *mfs_el_get_client(EditLine *el) {
  void *client = NULL;
  el_get(el, EL_CLIENTDATA, &client);
  return client;
}

static inline void mfs_el_add(
    EditLine *el, const char *name, const char *help, mfs_el_command command) {
  el_set(el, EL_ADDFN, name, help, command);
}

static inline void mfs_el_bind(EditLine *el, const char *keys, const char *command) {
  el_set(el, EL_BIND, keys, command, NULL);
}

static inline void mfs_el_prepare_terminal(EditLine *el, int raw) {
  el_set(el, EL_PREP_TERM, raw);
}

static inline void mfs_el_refresh(EditLine *el) {
  el_set(el, EL_REFRESH);
}

static inline void mfs_el_set_history(EditLine *el, History *history_) {
  el_set(el, EL_HIST, history, history_);
}

static inline void mfs_history_set_size(History *history_, int size) {
  HistEvent event;
  history(history_, &event, H_SETSIZE, size);
}

static inline void mfs_history_enter(History *history_, const char *entry) {
  HistEvent event;
  history(history_, &event, H_ENTER, entry);
}

static inline void mfs_el_set_edit_mode(EditLine *el, const char *mode) {
  el_set(el, EL_SETTY, "-d", mode, NULL);
}
