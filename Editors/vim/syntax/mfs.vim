" Vim syntax file. Language: mfs. Written by `mfs editors`.
if exists("b:current_syntax")
  finish
endif

syntax keyword mfsControl as break catch continue else elseif end for function if import in
syntax keyword mfsControl include return then try while
syntax keyword mfsValue false nothing true Inf NaN inf nan pi
syntax keyword mfsFunction abs accuracy acos activation adagrad adam adamw add all any
syntax keyword mfsFunction argmax argmin args asin ask assert atan augment avgpool2d bar
syntax keyword mfsFunction batchnorm ceil check_grad chol clamp cols concat cond confusion
syntax keyword mfsFunction consensus contains conv conv2d corr cos cosh cosine cov cumsum
syntax keyword mfsFunction curve data deep_nmf dense det diag diff dot dp dropout eig
syntax keyword mfsFunction embedding ends_with enumerate env erf error evaluate exp explain
syntax keyword mfsFunction expm1 eye f1 filter find flatten float32 float64 floor fold_in
syntax keyword mfsFunction format full grad gru hcat heatmap hist image images input inv
syntax keyword mfsFunction is_known isnan join joint_nmf keys kron layernorm lbfgs length
syntax keyword mfsFunction linspace list load log log1p logdet logsumexp lower lstm lstsq
syntax keyword mfsFunction lu mae map mask max maxpool2d mean median mf mf_layer min mod
syntax keyword mfsFunction names network nmf nmf_layer nnls nnz norm now number one_hot
syntax keyword mfsFunction ones pca pinv plateau plot pow precision predict print privacy
syntax keyword mfsFunction prod pseudonymize publish qr quantile rand randint randn rank
syntax keyword mfsFunction rank_scan ranking ratings read recall recommend reduce relu
syntax keyword mfsFunction repeat replace reshape reverse rmse rmsprop rnn round rows save
syntax keyword mfsFunction scatter seed sgd show shuffle sigmoid sign similar sin sinh size
syntax keyword mfsFunction softmax softplus solve sort sparse sparseness split split_text
syntax keyword mfsFunction spy sqrt standardize starts_with std step stream sum summary svd
syntax keyword mfsFunction tan tanh tic toc top trace train transform tril trim triu type
syntax keyword mfsFunction unique upper upto value_and_grad values var vcat warmup where
syntax keyword mfsFunction word_counts write zeros zip
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
