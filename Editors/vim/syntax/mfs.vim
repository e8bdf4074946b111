" Vim syntax file. Language: mfs. Written by `mfs editors`.
if exists("b:current_syntax")
  finish
endif

syntax keyword mfsControl as break catch continue else elseif end for function if import in
syntax keyword mfsControl include return then try while
syntax keyword mfsValue false nothing true Inf NaN inf nan pi
syntax keyword mfsFunction abs accuracy activation adagrad adam adamw all any argmax argmin
syntax keyword mfsFunction args ask assert avgpool2d bar batchnorm ceil chol clamp cols
syntax keyword mfsFunction cond contains conv2d corr cos cosine cov cumsum curve data dense
syntax keyword mfsFunction det diag dropout eig embedding ends_with enumerate env error
syntax keyword mfsFunction evaluate exp eye filter find flatten float32 float64 floor
syntax keyword mfsFunction format gru hcat heatmap hist image images input inv isnan join
syntax keyword mfsFunction keys layernorm length linspace list log lower lstm lstsq lu mae
syntax keyword mfsFunction map max maxpool2d mean median mf min mod names nmf nmf_layer nnz
syntax keyword mfsFunction norm now number one_hot ones pca pinv plateau plot pow predict
syntax keyword mfsFunction print prod qr quantile rand randint randn rank ratings read
syntax keyword mfsFunction recommend reduce relu repeat replace reshape rmse rmsprop rnn
syntax keyword mfsFunction round rows scatter seed sgd show shuffle sigmoid sign similar
syntax keyword mfsFunction sin size softmax solve sort split split_text sqrt standardize
syntax keyword mfsFunction starts_with std step sum summary svd tan tanh tic toc top trace
syntax keyword mfsFunction train transform trim type unique upper values var vcat warmup
syntax keyword mfsFunction where write zeros zip
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
