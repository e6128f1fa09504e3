/*
 * Personal data found in texts. The finders go by form and, where there is one, by check digits; what has
 * no form (names, addresses) they do not find.
 */
#ifndef QF_TRANSFORM_REDACT_H
#define QF_TRANSFORM_REDACT_H

#include "common/base/arena.h"

/*
 * Each looks for the first find at or behind byte `from` of a valid UTF-8 text: *ret is it, a slice of
 * the text. False: none.
 *
 * email: local@domain.tld, letters of Unicode too.
 * phone: +49.. or 0049.. with 8 to 15 digits; a number with separators, or of 10 to 12 digits, that begins with 0 or
 *        a bracket; 555-123-4567. A date is none.
 * card:  13 to 19 digits, in groups or not, the first 2 to 6, with a right check digit (ISO/IEC 7812-1, Luhn).
 * iban:  15 to 34 letters and digits, in groups or not, with right check digits (ISO 13616, mod 97).
 */
bool qf_find_email(struct qf_str text, size_t from, struct qf_str *ret);
bool qf_find_phone(struct qf_str text, size_t from, struct qf_str *ret);
bool qf_find_card(struct qf_str text, size_t from, struct qf_str *ret);
bool qf_find_iban(struct qf_str text, size_t from, struct qf_str *ret);

#endif
