// zlib as Swift sees it: the gzip file functions and the streaming decoder.
#pragma once
#include <zlib.h>
