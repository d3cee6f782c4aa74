/*
 * base/list.h - a doubly linked ring whose nodes sit inside the objects.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The ring owns nothing.  A node that was initialised or removed may be
 * removed again at no cost, so a destructor need not know where it is.
 */

#ifndef SFU_BASE_LIST_H
#define SFU_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next;
    struct list *prev;
};

#define container_of(ptr, type, member)                                       \
    ((type *)(void *)((char *)(ptr) - offsetof(type, member)))

/* the body may remove the node it stands on, and no other */
#define list_each(node, next_, head)                                          \
    for (struct list *node = (head)->next, *next_ = node->next;               \
         node != (head); node = next_, next_ = node->next)

static inline void
list_init(struct list *l)
{
    l->next = l;
    l->prev = l;
}

static inline bool
list_empty(const struct list *head)
{
    return head->next == head;
}

static inline void
list_append(struct list *head, struct list *node)
{
    node->prev = head->prev;
    node->next = head;
    head->prev->next = node;
    head->prev = node;
}

static inline void
list_remove(struct list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

/* the first node, taken out, or NULL */
static inline struct list *
list_shift(struct list *head)
{
    struct list *node = head->next;

    if (node == head) {
        return NULL;
    }

    list_remove(node);

    return node;
}

#endif
