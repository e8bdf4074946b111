" Vim syntax file. Language: mfs. Written by `mfs editors`.
if exists("b:current_syntax")
  finish
endif

syntax keyword mfsControl as break catch continue else elseif end for function if import in
syntax keyword mfsControl include return then try while
syntax keyword mfsValue false nothing true Inf NaN inf nan pi
syntax keyword mfsFunction abs accuracy activation adagrad adam adamw all any argmax argmin
syntax keyword mfsFunction args ask assert avgpool2d bar batchnorm ceil chol clamp cols
syntax keyword mfsFunction cond consensus contains conv2d corr cos cosine cov cumsum curve
syntax keyword mfsFunction data deep_nmf dense det diag dropout eig embedding ends_with
syntax keyword mfsFunction enumerate env error evaluate exp eye filter find flatten float32
syntax keyword mfsFunction float64 floor format gru hcat heatmap hist image images input
syntax keyword mfsFunction inv isnan join joint_nmf keys layernorm length linspace list log
syntax keyword mfsFunction lower lstm lstsq lu mae map max maxpool2d mean median mf min mod
syntax keyword mfsFunction names nmf nmf_layer nnz norm now number one_hot ones pca pinv
syntax keyword mfsFunction plateau plot pow predict print prod qr quantile rand randint
syntax keyword mfsFunction randn rank rank_scan ratings read recommend reduce relu repeat
syntax keyword mfsFunction replace reshape rmse rmsprop rnn round rows scatter seed sgd
syntax keyword mfsFunction show shuffle sigmoid sign similar sin size softmax solve sort
syntax keyword mfsFunction split split_text sqrt standardize starts_with std step sum
syntax keyword mfsFunction summary svd tan tanh tic toc top trace train transform trim type
syntax keyword mfsFunction unique upper values var vcat warmup where write zeros zip
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
