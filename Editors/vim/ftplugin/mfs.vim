if exists("b:did_ftplugin")
  finish
endif
let b:did_ftplugin = 1
setlocal commentstring=#\ %s comments=:##,:# shiftwidth=2 softtabstop=2 expandtab
if executable("mfs")
  setlocal formatprg=mfs\ fmt\ -
  setlocal makeprg=mfs\ check\ %
endif
