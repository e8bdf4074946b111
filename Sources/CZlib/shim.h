// zlib as Swift sees it: the streaming decoder and encoder of gzip files.
#pragma once
#include <zlib.h>
