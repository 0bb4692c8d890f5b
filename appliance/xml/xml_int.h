/* SPDX-License-Identifier: MIT */
/*
 * What the files of this folder share: our opaque types are the XML library's
 * own, under another name.
 */
#pragma once
#ifndef IN_XML
# error "xml_int.h is private to appliance/xml"
#endif

#include <libxml/tree.h>

#include "xml.h"

static inline xmlNode *
raw(struct xml_node *n)
{
	return (xmlNode *)n;
}

static inline const xmlNode *
craw(const struct xml_node *n)
{
	return (const xmlNode *)n;
}

static inline struct xml_node *
cooked(xmlNode *n)
{
	return (struct xml_node *)n;
}

/* The bytes as UTF-8, whatever they were in: data itself, or a conversion in
   the arena. FAULT_INVALID_XML for encodings we do not read. */
int xml_to_utf8(struct arena *a, struct bytes data, const char *charset,
	struct bytes *out, struct err *e);
/* Refuses start tags with more than XML_ATTRS_MAX attributes before the
   library sees them: it compares attributes pairwise. */
int xml_scan_tags(struct bytes utf8, struct err *e);
/* Place of the nth start tag (from 0) of a well-formed document: of its "<",
   and behind its ">". */
bool xml_find_tag(struct bytes utf8, size_t nth, size_t *open, size_t *close);
