/* Calls that have no place here are compile errors. Included before everything by the build. */
#ifndef QF_BASE_BANNED_H
#define QF_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison sprintf vsprintf strcpy strcat strtok atoi atol atof gmtime localtime asctime
/* libgit2 has fields called ctime, so the word itself may stand; a call may not. */
#define ctime(time) banned_call_of_ctime

#endif
