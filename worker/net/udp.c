/*
 * net/udp.c - the one UDP socket of a media loop.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "net/udp.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"

/* one of IP_PKTINFO and IPV6_PKTINFO, and UDP_GRO or UDP_SEGMENT */
union control {
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))
               + CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

static int
set_option(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof(value));
}

/* to which of ours a datagram came: the reply leaves from there */
static int
ask_for_addresses(const struct udp_socket *udp)
{
    return udp->family == AF_INET6
               ? set_option(udp->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
               : set_option(udp->fd, IPPROTO_IP, IP_PKTINFO, 1);
}

static int
open_family(struct udp_socket *udp, const struct address *bind_to, int family)
{
    struct sockaddr_storage ss;
    socklen_t len = address_to_sockaddr(bind_to, family, &ss);

    udp->family = family;
    udp->fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (udp->fd == -1) {
        return SFU_ERR_SYSTEM;
    }

    if (family == AF_INET6
        && set_option(udp->fd, IPPROTO_IPV6, IPV6_V6ONLY, 0) == -1) {
        return SFU_ERR_SYSTEM;
    }

    if (!address_is_any(bind_to)) {
        memcpy(udp->address.ip, bind_to->ip, sizeof(udp->address.ip));
    } else if (ask_for_addresses(udp) == -1) {
        return SFU_ERR_SYSTEM;
    }

    return bind(udp->fd, (struct sockaddr *)&ss, len) == -1 ? SFU_ERR_SYSTEM
                                                            : 0;
}

/* as much of it as the kernel's limits allow, beyond them as root */
static void
set_buffers(int fd, int bytes)
{
    if (set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes) == -1) {
        set_option(fd, SOL_SOCKET, SO_RCVBUF, bytes);
    }

    if (set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, bytes) == -1) {
        set_option(fd, SOL_SOCKET, SO_SNDBUF, bytes);
    }
}

int
udp_open(struct udp_socket *udp, const struct address *bind_to,
         int buffer_bytes)
{
    struct address v4_any;
    int error;

    *udp = (struct udp_socket){ .fd = -1 };
    error = open_family(udp, bind_to, AF_INET6);

    if (error && errno == EAFNOSUPPORT
        && (address_is_any(bind_to) || address_is_v4(bind_to))) {
        udp_close(udp);
        address_parse(&v4_any, "0.0.0.0", address_port(bind_to));
        error = open_family(udp, address_is_v4(bind_to) ? bind_to : &v4_any,
                            AF_INET);
    }

    if (error) {
        goto failed;
    }

    set_buffers(udp->fd, buffer_bytes);

    /* Linux 5.0 and 4.18; without them packets go one by one */
    set_option(udp->fd, SOL_UDP, UDP_GRO, 1);
    udp->segmentation = set_option(udp->fd, SOL_UDP, UDP_SEGMENT, 0) == 0;

    udp->buffers = malloc((size_t)UDP_TRAINS * UDP_TRAIN_MAX);

    if (udp->buffers == NULL) {
        error = SFU_ERR_NOMEM;
        goto failed;
    }

    for (size_t i = 0; i < UDP_TRAINS; i++) {
        udp->trains[i] = udp->buffers + i * UDP_TRAIN_MAX;
    }

    return 0;

failed:

    udp_close(udp);

    return error;
}

void
udp_close(struct udp_socket *udp)
{
    int saved = errno;

    if (udp->fd != -1) {
        close(udp->fd);
        udp->fd = -1;
    }

    free(udp->buffers);
    udp->buffers = NULL;
    errno = saved;
}

/* the local address, and the size of the train's datagrams or 0 */
static int
read_control(const struct udp_socket *udp, struct msghdr *msg,
             struct address *to)
{
    int segment = 0;

    *to = udp->address;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL;
         c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;

            memcpy(&info, CMSG_DATA(c), sizeof(info));
            memcpy(to->ip, &info.ipi6_addr, 16);

        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            struct sockaddr_in in = { .sin_family = AF_INET };

            memcpy(&info, CMSG_DATA(c), sizeof(info));
            in.sin_addr = info.ipi_spec_dst;
            address_from_sockaddr(to, (struct sockaddr *)&in);

        } else if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
            memcpy(&segment, CMSG_DATA(c), sizeof(segment));
        }
    }

    return segment;
}

uint32_t
udp_lost(const struct udp_socket *udp)
{
    uint32_t info[SK_MEMINFO_VARS] = { 0 };
    socklen_t len = sizeof(info);

    /* Linux 4.12; older ones do not tell */
    getsockopt(udp->fd, SOL_SOCKET, SO_MEMINFO, info, &len);

    return info[SK_MEMINFO_DROPS];
}

void
udp_forget(struct udp_socket *udp)
{
    udp->kept = 0;
}

/* one by one; whether any of them is to be kept */
static bool
hand_out(const struct udp_datagram *train, size_t segment,
         const struct udp_handler *handler, void *ctx)
{
    uint8_t *data = train->data;
    bool keep = false;
    size_t len;

    for (size_t left = train->len; left; data += len, left -= len) {
        struct udp_datagram one = *train;

        len = segment == 0 || left < segment ? left : segment;
        one.data = data;
        one.len = len;

        if (handler->datagram(ctx, &one)) {
            keep = true;
        }
    }

    return keep;
}

/* the one at that place joins those in use */
static void
keep_train(struct udp_socket *udp, int at)
{
    uint8_t *train = udp->trains[at];

    udp->trains[at] = udp->trains[udp->kept];
    udp->trains[udp->kept++] = train;
}

int
udp_receive(struct udp_socket *udp, const struct udp_handler *handler,
            void *ctx)
{
    int first = udp->kept;
    struct mmsghdr msgs[UDP_BATCH];
    struct iovec iovs[UDP_BATCH];
    struct sockaddr_storage names[UDP_BATCH];
    union control controls[UDP_BATCH];
    struct udp_datagram trains[UDP_BATCH];
    size_t segments[UDP_BATCH];
    int max = UDP_TRAINS - udp->kept < UDP_BATCH ? UDP_TRAINS - udp->kept
                                                 : UDP_BATCH;
    int n;

    for (int i = 0; i < max; i++) {
        iovs[i].iov_base = udp->trains[udp->kept + i];
        iovs[i].iov_len = UDP_TRAIN_MAX;
        msgs[i].msg_hdr = (struct msghdr){
            .msg_name = &names[i],
            .msg_namelen = sizeof(names[i]),
            .msg_iov = &iovs[i],
            .msg_iovlen = 1,
            .msg_control = &controls[i],
            .msg_controllen = sizeof(controls[i]),
        };
    }

    n = max ? recvmmsg(udp->fd, msgs, (unsigned)max, 0, NULL) : 0;

    if (n == -1) {
        return errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED
                   ? 0
                   : SFU_ERR_SYSTEM;
    }

    for (int i = 0; i < n; i++) {
        struct udp_datagram *d = &trains[i];

        *d = (struct udp_datagram){
            .data = iovs[i].iov_base, .len = msgs[i].msg_len,
        };
        segments[i] = (size_t)read_control(udp, &msgs[i].msg_hdr, &d->to);

        /* nothing can be sent to port 0 */
        if (address_from_sockaddr(&d->from, (struct sockaddr *)&names[i])
            || address_port(&d->from) == 0) {
            d->len = 0;
        }
    }

    if (n > 1 && handler->ahead != NULL) {
        handler->ahead(ctx, trains, n);
    }

    for (int i = 0; i < n; i++) {
        if (hand_out(&trains[i], segments[i], handler, ctx)) {
            keep_train(udp, first + i);
        }
    }

    return n;
}

static size_t
write_control(struct udp_socket *udp, union control *control,
              struct msghdr *msg, const struct address *from, size_t segment)
{
    struct cmsghdr *c;
    size_t len = 0;

    memset(control, 0, sizeof(*control));
    msg->msg_control = control;
    msg->msg_controllen = sizeof(*control);
    c = CMSG_FIRSTHDR(msg);

    /* it takes 0.2 us to say, and a bound socket has no choice */
    if (address_is_any(&udp->address) && !address_is_any(from)) {
        if (udp->family == AF_INET6) {
            struct in6_pktinfo info = { .ipi6_ifindex = 0 };

            memcpy(&info.ipi6_addr, from->ip, 16);
            c->cmsg_level = IPPROTO_IPV6;
            c->cmsg_type = IPV6_PKTINFO;
            c->cmsg_len = CMSG_LEN(sizeof(info));
            memcpy(CMSG_DATA(c), &info, sizeof(info));
            len += CMSG_SPACE(sizeof(info));
        } else {
            struct in_pktinfo info = { .ipi_ifindex = 0 };

            memcpy(&info.ipi_spec_dst, from->ip + 12, 4);
            c->cmsg_level = IPPROTO_IP;
            c->cmsg_type = IP_PKTINFO;
            c->cmsg_len = CMSG_LEN(sizeof(info));
            memcpy(CMSG_DATA(c), &info, sizeof(info));
            len += CMSG_SPACE(sizeof(info));
        }

        c = CMSG_NXTHDR(msg, c);
    }

    if (segment) {
        uint16_t size = (uint16_t)segment;

        c->cmsg_level = SOL_UDP;
        c->cmsg_type = UDP_SEGMENT;
        c->cmsg_len = CMSG_LEN(sizeof(size));
        memcpy(CMSG_DATA(c), &size, sizeof(size));
        len += CMSG_SPACE(sizeof(size));
    }

    return len;
}

static int
send_message(struct udp_socket *udp, const struct address *from,
             const struct address *to, struct iovec *iov, size_t count,
             size_t segment)
{
    struct sockaddr_storage name;
    union control control;
    struct msghdr msg = {
        .msg_name = &name,
        .msg_namelen = address_to_sockaddr(to, udp->family, &name),
        .msg_iov = iov,
        .msg_iovlen = count,
    };

    msg.msg_controllen = write_control(udp, &control, &msg, from, segment);

    if (msg.msg_controllen == 0) {
        msg.msg_control = NULL;
    }

    return sendmsg(udp->fd, &msg, 0) == -1 ? errno : 0;
}

static void
count_lost(struct udp_socket *udp, int error, size_t count)
{
    if (error == EAGAIN || error == ENOBUFS) {
        counter_add(&udp->send_full, count);
    } else {
        counter_add(&udp->send_failed, count);
    }
}

/* the datagrams of a run, one by one if they cannot go at once */
static bool
send_at_once(struct udp_socket *udp, const struct address *from,
             const struct address *to, struct iovec *iov, size_t iov_count,
             size_t segment, size_t count)
{
    int error;

    if (count <= 1 || !udp->segmentation) {
        return false;
    }

    error = send_message(udp, from, to, iov, iov_count, segment);

    if (error == 0) {
        return true;
    }

    if (error != EIO && error != EINVAL && error != EMSGSIZE) {
        count_lost(udp, error, count);
        return true;
    }

    /*
     * EIO: the host's way out cannot checksum segments.  The others are
     * about this address alone, whose path may have a small MTU: one
     * peer must not take away from all what makes sending cheap.
     */
    if (error == EIO) {
        udp->segmentation = false;
    }

    return false;
}

static void
send_one(struct udp_socket *udp, const struct address *from,
         const struct address *to, struct iovec *datagram)
{
    int error = send_message(udp, from, to, datagram, 1, 0);

    if (error) {
        count_lost(udp, error, 1);
    }
}

void
udp_send_run(struct udp_socket *udp, const struct address *from,
             const struct address *to, struct iovec *datagrams, size_t count)
{
    if (send_at_once(udp, from, to, datagrams, count, datagrams[0].iov_len,
                     count)) {
        return;
    }

    for (size_t i = 0; i < count; i++) {
        send_one(udp, from, to, &datagrams[i]);
    }
}

void
udp_send_segments(struct udp_socket *udp, const struct address *from,
                  const struct address *to, uint8_t *data, size_t len,
                  size_t segment)
{
    struct iovec iov = { data, len };

    if (send_at_once(udp, from, to, &iov, 1, segment,
                     (len + segment - 1) / segment)) {
        return;
    }

    for (size_t left = len; left; left -= iov.iov_len) {
        iov.iov_base = data + (len - left);
        iov.iov_len = left < segment ? left : segment;
        send_one(udp, from, to, &iov);
    }
}
