// libedit as Swift sees it: its variadic functions become typed inline functions without logic.
#pragma once
#include <histedit.h>
