" Vim syntax file. Language: mfs. Written by `mfs editors`.
if exists("b:current_syntax")
  finish
endif

syntax keyword mfsControl as break catch continue else elseif end for function if import in
syntax keyword mfsControl include return then try while
syntax keyword mfsValue false nothing true Inf NaN inf nan pi
syntax keyword mfsFunction abs accuracy activation adagrad adam adamw add all any argmax
syntax keyword mfsFunction argmin args ask assert augment avgpool2d bar batchnorm ceil
syntax keyword mfsFunction check_grad chol clamp cols concat cond confusion consensus
syntax keyword mfsFunction contains conv conv2d corr cos cosine cov cumsum curve data
syntax keyword mfsFunction deep_nmf dense det diag dp dropout eig embedding ends_with
syntax keyword mfsFunction enumerate env error evaluate exp explain eye f1 filter find
syntax keyword mfsFunction flatten float32 float64 floor fold_in format full grad gru hcat
syntax keyword mfsFunction heatmap hist image images input inv is_known isnan join
syntax keyword mfsFunction joint_nmf keys layernorm lbfgs length linspace list load log
syntax keyword mfsFunction logdet logsumexp lower lstm lstsq lu mae map mask max maxpool2d
syntax keyword mfsFunction mean median mf mf_layer min mod names network nmf nmf_layer nnz
syntax keyword mfsFunction norm now number one_hot ones pca pinv plateau plot pow precision
syntax keyword mfsFunction predict print privacy prod pseudonymize qr quantile rand randint
syntax keyword mfsFunction randn rank rank_scan ranking ratings read recall recommend
syntax keyword mfsFunction reduce relu repeat replace reshape rmse rmsprop rnn round rows
syntax keyword mfsFunction save scatter seed sgd show shuffle sigmoid sign similar sin size
syntax keyword mfsFunction softmax solve sort sparse sparseness split split_text spy sqrt
syntax keyword mfsFunction standardize starts_with std step stream sum summary svd tan tanh
syntax keyword mfsFunction tic toc top trace train transform trim type unique upper upto
syntax keyword mfsFunction value_and_grad values var vcat warmup where word_counts write
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
