" Vim syntax file. Language: mfs. Written by `mfs editors`.
if exists("b:current_syntax")
  finish
endif

syntax keyword mfsControl as break catch continue else elseif end for function if import in
syntax keyword mfsControl include return then try while
syntax keyword mfsValue false nothing true Inf NaN inf nan pi
syntax keyword mfsFunction abs accuracy activation adam all any argmax argmin args ask
syntax keyword mfsFunction assert bar ceil chol clamp cols cond contains corr cos cov
syntax keyword mfsFunction cumsum curve data dense det diag dropout eig ends_with enumerate
syntax keyword mfsFunction env error evaluate exp eye filter find float32 float64 floor
syntax keyword mfsFunction format hcat heatmap hist image images input inv isnan join keys
syntax keyword mfsFunction length linspace list log lower lstsq lu mae map max mean median
syntax keyword mfsFunction mf min mod names nmf nnz norm now number one_hot ones pca pinv
syntax keyword mfsFunction plot pow predict print prod qr quantile rand randint randn rank
syntax keyword mfsFunction ratings read recommend reduce relu repeat replace reshape rmse
syntax keyword mfsFunction round rows scatter seed sgd show shuffle sigmoid sign similar
syntax keyword mfsFunction sin size softmax solve sort split split_text sqrt standardize
syntax keyword mfsFunction starts_with std sum summary svd tan tanh tic toc top trace train
syntax keyword mfsFunction transform trim type unique upper values var vcat where write
syntax keyword mfsFunction zeros zip
syntax match mfsField "\.\h\w*"
syntax match mfsNumber "\<0[xX][0-9a-fA-F_]\+\>"
syntax match mfsNumber "\<\d[0-9_]*\%(\.\d[0-9_]*\)\?\%([eE][+-]\?\d\+\)\?"
syntax match mfsOperator "\.\.\.\|!=\|&&\|\*=\|+=\|-=\|->\|\.\*\|\.+\|\.-\|\.\/\|\.\^\|\/=\|<=\|==\|>=\||>\|||\|!\|%\|&\|'\|\*\|+\|-\|\/\|:\|<\|=\|>\|\\\|\^\||"
syntax match mfsEscape contained "\\\%(u{\x*}\|.\)"
syntax region mfsHole contained matchgroup=mfsEscape start="{" end="}" oneline contains=TOP
syntax region mfsText start=+"+ end=+"+ oneline contains=mfsEscape,mfsHole
syntax match mfsComment "#.*$" contains=@Spell
syntax match mfsDocumentation "##.*$" contains=@Spell
syntax match mfsCell "^\s*#\s*%%.*$"

highlight default link mfsControl Keyword
highlight default link mfsValue Constant
highlight default link mfsFunction Function
highlight default link mfsNumber Number
highlight default link mfsOperator Operator
highlight default link mfsEscape SpecialChar
highlight default link mfsText String
highlight default link mfsComment Comment
highlight default link mfsDocumentation SpecialComment
highlight default link mfsCell Title

let b:current_syntax = "mfs"
