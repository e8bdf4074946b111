autocmd BufRead,BufNewFile *.mfs setfiletype mfs
