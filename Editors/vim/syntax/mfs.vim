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
syntax keyword mfsFunction deep_nmf dense det diag diff dot dp dropout eig embedding
syntax keyword mfsFunction ends_with enumerate env error evaluate exp explain eye f1 filter
syntax keyword mfsFunction find flatten float32 float64 floor fold_in format full grad gru
syntax keyword mfsFunction hcat heatmap hist image images input inv is_known isnan join
syntax keyword mfsFunction joint_nmf keys kron layernorm lbfgs length linspace list load
syntax keyword mfsFunction log logdet logsumexp lower lstm lstsq lu mae map mask max
syntax keyword mfsFunction maxpool2d mean median mf mf_layer min mod names network nmf
syntax keyword mfsFunction nmf_layer nnz norm now number one_hot ones pca pinv plateau plot
syntax keyword mfsFunction pow precision predict print privacy prod pseudonymize publish qr
syntax keyword mfsFunction quantile rand randint randn rank rank_scan ranking ratings read
syntax keyword mfsFunction recall recommend reduce relu repeat replace reshape reverse rmse
syntax keyword mfsFunction rmsprop rnn round rows save scatter seed sgd show shuffle
syntax keyword mfsFunction sigmoid sign similar sin size softmax solve sort sparse
syntax keyword mfsFunction sparseness split split_text spy sqrt standardize starts_with std
syntax keyword mfsFunction step stream sum summary svd tan tanh tic toc top trace train
syntax keyword mfsFunction transform trim type unique upper upto value_and_grad values var
syntax keyword mfsFunction vcat warmup where word_counts write zeros zip
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
