/* The division of the key space among requests, below wv_scan.c; sizes in objects and bytes. */
#ifndef QF_EXTRACT_WV_SPLIT_H
#define QF_EXTRACT_WV_SPLIT_H

#include "tools/extract/wv_scan.h"

enum {
	WV_REST_CAP = 4 << 20,	/* a longer REST reply is cut off: as a tree it is many times its size */
	WV_MAX_LIMIT = 10000,	/* QUERY_MAXIMUM_RESULTS of the server */
	WV_AIM = 4 << 20,	/* bytes of a page */
};

struct wv_interval {
	struct wv_interval *next;
	struct wv_scope *scope;
	bool at_start;		/* nothing read yet, and no key lies before it */
	wv_key pos, hi;		/* keys in (pos, hi] are left; at_start: [0, hi] */
	bool busy;		/* a request for its next page is out */
	bool probing, ended;	/* a probe is out; it ended while that was so */
	uint64_t pages;
	double density;		/* keys per unit of key space on the last page */
	size_t bytes;		/* of an object, averaged; 0: unknown */
	unsigned max_limit;	/* lowered when replies prove too large */
	bool whole;		/* not to be split: a probe of it failed */
	bool one_by_rest;	/* the next page is one object by REST: too large for gRPC */
};

/* A new interval (pos, hi] of the scope, at the head of the list. */
struct wv_interval *wv_add_interval(struct wv_scan *s, struct wv_scope *scope, wv_key pos, wv_key hi);
/* The keys of (from, to] are done: a CURSOR record, with the ends of the space open. */
void wv_add_cursor(struct wv_scan *s, struct wv_scope *scope, bool from_start, wv_key from, wv_key to,
		   struct qf_batch *out);
/* Frees the interval; the scope's last one gives its SCOPE record. While a
 * probe is out it is only marked as ended, and the probe's owner frees it. */
void wv_end_interval(struct wv_scan *s, struct wv_interval *i, struct qf_batch *out);
/* Its collection line when new, its SCOPE record at once when there is nothing to read, else its
 * first interval: this machine's share of the key space. */
void wv_open_scope(struct wv_scan *s, struct wv_scope *scope, struct qf_batch *out);
/* The oldest interval that no request is busy with, or NULL. */
struct wv_interval *wv_idle_interval(struct wv_scan *s);
/* Points of a class that were read so far, over all its tenants. */
uint64_t wv_class_points(const struct wv_scan *s, const struct wv_class *class);
/* Bytes that a page aims at; a reply of four times that is cut off and asked for in smaller pages. */
size_t wv_aim(const struct wv_scan *s);
/* How many objects the next page of the interval should have. */
unsigned wv_page_limit(struct wv_scan *s, const struct wv_interval *i, bool rest);
/* Keys that it may have left: by the density of its last page, never more than its scope has. */
double wv_left_in(const struct wv_interval *i);
/* Where half of what is left ought to lie. */
wv_key wv_middle_of(const struct wv_interval *i);

#endif
