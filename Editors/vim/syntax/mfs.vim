" Vim syntax file. Language: mfs. Written by `mfs editors`.
if exists("b:current_syntax")
  finish
endif

syntax keyword mfsControl as break catch continue else elseif end for function if import in
syntax keyword mfsControl include return then try while
syntax keyword mfsValue false nothing true Inf NaN inf nan pi
syntax keyword mfsFunction abs accuracy activation adagrad adam adamw all any argmax argmin
syntax keyword mfsFunction args ask assert avgpool2d bar batchnorm ceil check_grad chol
syntax keyword mfsFunction clamp cols cond consensus contains conv2d corr cos cosine cov
syntax keyword mfsFunction cumsum curve data deep_nmf dense det diag dropout eig embedding
syntax keyword mfsFunction ends_with enumerate env error evaluate exp eye filter find
syntax keyword mfsFunction flatten float32 float64 floor format grad gru hcat heatmap hist
syntax keyword mfsFunction image images input inv isnan join joint_nmf keys layernorm
syntax keyword mfsFunction length linspace list log logdet logsumexp lower lstm lstsq lu
syntax keyword mfsFunction mae map max maxpool2d mean median mf min mod names nmf nmf_layer
syntax keyword mfsFunction nnz norm now number one_hot ones pca pinv plateau plot pow
syntax keyword mfsFunction predict print prod qr quantile rand randint randn rank rank_scan
syntax keyword mfsFunction ranking ratings read recommend reduce relu repeat replace
syntax keyword mfsFunction reshape rmse rmsprop rnn round rows scatter seed sgd show
syntax keyword mfsFunction shuffle sigmoid sign similar sin size softmax solve sort split
syntax keyword mfsFunction split_text sqrt standardize starts_with std step sum summary svd
syntax keyword mfsFunction tan tanh tic toc top trace train transform trim type unique
syntax keyword mfsFunction upper value_and_grad values var vcat warmup where write zeros
syntax keyword mfsFunction zip
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
