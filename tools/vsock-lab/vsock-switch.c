// vsock-switch [-v] SOCKET:CID [SOCKET:CID ...]
//
// A vhost-user-vsock back end that is nothing but a packet switch between guests: one listening Unix socket per guest, no end point of its own.
// Packets to a CID that is not there are answered with a reset. With -v it prints all packets but data and credit.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/virtio_ring.h>
#include <linux/virtio_vsock.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_GUESTS = 8, MAX_REGIONS = 16, QUEUES = 3, RX = 0, TX = 1, HEADER = sizeof(struct virtio_vsock_hdr), MAX_PAYLOAD = 1 << 17 };

struct queue {
    unsigned size;
    struct vring_desc *desc;
    struct vring_avail *avail;
    struct vring_used *used;
    uint16_t next;      // next entry of avail to look at
    int kick, call;     // eventfds: from the guest, to the guest
    int must_notify;
};

struct region {
    uint64_t guest_address, size, user_address;
    char *at;
    void *map;
    size_t map_size;
};

struct guest {
    uint64_t cid;
    int listening, connected;
    int request_channel;    // kept open and unused: user-mode-linux takes its interrupt from it
    int regions;
    struct region region[MAX_REGIONS];
    struct queue queue[QUEUES];
    unsigned forwarded;     // bytes of the packet at the head of TX that the receiver already has
};

static struct guest guests[MAX_GUESTS];
static int guest_count, verbose;
static char payload[MAX_PAYLOAD];

// ---- the guest's memory

static void *translate(struct guest *g, uint64_t address, uint64_t length, int physical)
{
    for (int i = 0; i < g->regions; i++) {
        struct region *r = &g->region[i];
        uint64_t base = physical ? r->guest_address : r->user_address;
        if (address >= base && address - base < r->size && length <= r->size - (address - base))
            return r->at + (address - base);
    }
    return NULL;
}

static int is_ready(struct queue *q)
{
    return q->size && q->desc && q->avail && q->used;
}

static int has_more(struct queue *q)
{
    return is_ready(q) && __atomic_load_n(&q->avail->idx, __ATOMIC_ACQUIRE) != q->next;
}

static unsigned head(struct queue *q)
{
    return q->avail->ring[q->next % q->size] % q->size;
}

static void finish(struct queue *q, unsigned id, unsigned length)
{
    struct vring_used_elem *e = &q->used->ring[q->used->idx % q->size];
    e->id = id;
    e->len = length;
    __atomic_store_n(&q->used->idx, q->used->idx + 1, __ATOMIC_RELEASE);
    q->next++;
    q->must_notify = 1;
}

static void notify(struct queue *q)
{
    if (!q->must_notify)
        return;
    q->must_notify = 0;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    uint64_t one = 1;
    if (!(q->avail->flags & VRING_AVAIL_F_NO_INTERRUPT) && q->call >= 0 && write(q->call, &one, sizeof one) < 0)
        perror("notify");
}

// Copies to (into = 1) or from a chain of descriptors, beginning at an offset. Returns how many bytes there were; with no buffer it only counts.
static unsigned copy_chain(struct guest *g, struct queue *q, unsigned first, int into, unsigned offset, char *buffer, unsigned length)
{
    unsigned copied = 0, i = first;
    for (unsigned hops = 0; hops <= q->size; hops++) {
        struct vring_desc d = q->desc[i];
        if (!!(d.flags & VRING_DESC_F_WRITE) == into) {
            if (offset >= d.len) {
                offset -= d.len;
            } else {
                unsigned n = d.len - offset;
                if (n > length - copied)
                    n = length - copied;
                char *p = translate(g, d.addr + offset, n, 1);
                if (!p)
                    return copied;
                if (buffer && into)
                    memcpy(p, buffer + copied, n);
                else if (buffer)
                    memcpy(buffer + copied, p, n);
                copied += n;
                offset = 0;
            }
        }
        if (copied == length || !(d.flags & VRING_DESC_F_NEXT))
            break;
        i = d.next % q->size;
    }
    return copied;
}

// ---- switching

static int deliver(struct guest *to, struct virtio_vsock_hdr *header, char *data, unsigned length)
{
    struct queue *q = &to->queue[RX];
    if (!has_more(q))
        return 0;
    unsigned h = head(q);
    copy_chain(to, q, h, 1, 0, (char *)header, HEADER);
    if (length)
        copy_chain(to, q, h, 1, HEADER, data, length);
    finish(q, h, HEADER + length);
    return 1;
}

static struct guest *find(uint64_t cid)
{
    for (int i = 0; i < guest_count; i++)
        if (guests[i].cid == cid && guests[i].connected >= 0 && is_ready(&guests[i].queue[RX]))
            return &guests[i];
    return NULL;
}

static void trace(struct virtio_vsock_hdr *h, struct guest *to)
{
    if (verbose && h->op != VIRTIO_VSOCK_OP_RW && h->op != VIRTIO_VSOCK_OP_CREDIT_UPDATE)
        fprintf(stderr, "switch: %llu:%u -> %llu:%u op %u flags %u%s\n", (unsigned long long)h->src_cid, h->src_port,
                (unsigned long long)h->dst_cid, h->dst_port, h->op, h->flags, to ? "" : " (no such guest)");
}

static int refuse(struct guest *from, struct virtio_vsock_hdr *h)
{
    if (h->op == VIRTIO_VSOCK_OP_RST)
        return 1;
    struct virtio_vsock_hdr reset = {
        .src_cid = h->dst_cid, .dst_cid = from->cid, .src_port = h->dst_port, .dst_port = h->src_port, .type = h->type, .op = VIRTIO_VSOCK_OP_RST
    };
    return deliver(from, &reset, NULL, 0);
}

// Forwards the payload of the packet at the head of TX in as many pieces as the receiver's buffers need. 0: the receiver has no room now.
static int forward(struct guest *from, struct guest *to, struct virtio_vsock_hdr *h, unsigned length)
{
    while (from->forwarded < length) {
        struct queue *rx = &to->queue[RX];
        if (!has_more(rx))
            return 0;
        unsigned h_rx = head(rx), room = copy_chain(to, rx, h_rx, 1, 0, NULL, 1 << 20);
        if (room <= HEADER) {
            finish(rx, h_rx, 0);
            continue;
        }
        unsigned n = length - from->forwarded;
        if (n > room - HEADER)
            n = room - HEADER;
        struct virtio_vsock_hdr piece = *h;
        piece.len = n;
        if (from->forwarded + n < length)
            piece.flags = 0;
        deliver(to, &piece, payload + from->forwarded, n);
        from->forwarded += n;
    }
    from->forwarded = 0;
    return 1;
}

// Takes what a guest wants to send. Returns whether anything moved.
static int transmit(struct guest *g)
{
    struct queue *q = &g->queue[TX];
    int moved = 0;
    while (has_more(q)) {
        unsigned h = head(q);
        struct virtio_vsock_hdr header;
        if (copy_chain(g, q, h, 0, 0, (char *)&header, HEADER) < HEADER) {
            finish(q, h, 0);
            continue;
        }
        struct guest *to = header.src_cid == g->cid ? find(header.dst_cid) : NULL;
        if (!g->forwarded)
            trace(&header, to);
        unsigned length = header.len > MAX_PAYLOAD ? MAX_PAYLOAD : header.len;
        int done;
        if (!to)
            done = refuse(g, &header);
        else if (length == 0)
            done = deliver(to, &header, NULL, 0);
        else if (copy_chain(g, q, h, 0, HEADER, payload, length) != length)
            done = 1, g->forwarded = 0;
        else
            done = forward(g, to, &header, length);
        if (!done)
            return moved;
        finish(q, h, 0);
        moved = 1;
    }
    return moved;
}

static void switch_packets(void)
{
    int moved;
    do {
        moved = 0;
        for (int i = 0; i < guest_count; i++)
            if (guests[i].connected >= 0 && is_ready(&guests[i].queue[TX]))
                moved |= transmit(&guests[i]);
    } while (moved);
    for (int i = 0; i < guest_count; i++)
        for (int k = RX; k <= TX; k++)
            if (guests[i].connected >= 0 && is_ready(&guests[i].queue[k]))
                notify(&guests[i].queue[k]);
}

// ---- the vhost-user protocol

enum {
    GET_FEATURES = 1, SET_MEM_TABLE = 5, SET_VRING_NUM = 8, SET_VRING_ADDR = 9, SET_VRING_BASE = 10, GET_VRING_BASE = 11, SET_VRING_KICK = 12,
    SET_VRING_CALL = 13, SET_VRING_ERR = 14, GET_PROTOCOL_FEATURES = 15, GET_QUEUE_NUM = 17, SET_REQUEST_CHANNEL = 21, GET_CONFIG = 24
};
enum { PREAMBLE = 12, REPLY = 1 | 4, NEED_REPLY = 8, NO_FD = 0x100 };

struct message {
    uint32_t request, flags, size;
    union {
        uint64_t number;
        struct { uint32_t index, value; } state;
        struct { uint32_t index, flags; uint64_t desc, used, avail, log; } address;
        struct { uint32_t count, padding; struct { uint64_t guest_address, size, user_address, offset; } region[MAX_REGIONS]; } memory;
        struct { uint32_t offset, size, flags; unsigned char data[256]; } config;
        char raw[1024];
    };
} __attribute__((packed));

static void reply(struct guest *g, struct message *m, uint32_t size)
{
    m->flags = REPLY;
    m->size = size;
    if (write(g->connected, m, PREAMBLE + size) < 0)
        perror("reply");
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void forget_memory(struct guest *g)
{
    for (int i = 0; i < g->regions; i++)
        munmap(g->region[i].map, g->region[i].map_size);
    g->regions = 0;
}

static void drop(struct guest *g)
{
    forget_memory(g);
    close_fd(&g->connected);
    close_fd(&g->request_channel);
    g->forwarded = 0;
    for (int i = 0; i < QUEUES; i++) {
        close_fd(&g->queue[i].kick);
        close_fd(&g->queue[i].call);
        memset(&g->queue[i], 0, sizeof g->queue[i]);
        g->queue[i].kick = g->queue[i].call = -1;
    }
    fprintf(stderr, "switch: CID %llu is gone\n", (unsigned long long)g->cid);
}

static int map_memory(struct guest *g, struct message *m, int *fds, int fd_count)
{
    forget_memory(g);
    for (int i = 0; i < (int)m->memory.count && i < MAX_REGIONS && i < fd_count; i++) {
        struct region *r = &g->region[g->regions];
        r->guest_address = m->memory.region[i].guest_address;
        r->size = m->memory.region[i].size;
        r->user_address = m->memory.region[i].user_address;
        r->map_size = r->size + m->memory.region[i].offset;
        r->map = mmap(NULL, r->map_size, PROT_READ | PROT_WRITE, MAP_SHARED, fds[i], 0);
        close(fds[i]);
        if (r->map == MAP_FAILED) {
            perror("mmap");
            return -1;
        }
        r->at = (char *)r->map + m->memory.region[i].offset;
        g->regions++;
    }
    return 0;
}

static void answer_config(struct guest *g, struct message *m)
{
    unsigned char cid[8];
    memcpy(cid, &g->cid, sizeof cid);
    for (unsigned i = 0; i < m->config.size && i < sizeof m->config.data; i++)
        m->config.data[i] = m->config.offset + i < sizeof cid ? cid[m->config.offset + i] : 0;
    reply(g, m, m->size);
}

static int receive(struct guest *g, struct message *m, int *fds, int *fd_count)
{
    char control[CMSG_SPACE(MAX_REGIONS * sizeof(int))];
    struct iovec v = { m, PREAMBLE };
    struct msghdr h = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    if (recvmsg(g->connected, &h, MSG_WAITALL) != PREAMBLE || m->size > sizeof m->raw)
        return -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
            *fd_count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            memcpy(fds, CMSG_DATA(c), *fd_count * sizeof(int));
        }
    return m->size && recv(g->connected, m->raw, m->size, MSG_WAITALL) != (ssize_t)m->size ? -1 : 0;
}

// One message from a guest's VMM. -1: the guest is to be dropped.
static int handle(struct guest *g)
{
    struct message m;
    int fds[MAX_REGIONS], fd_count = 0, answered = 0;
    memset(fds, -1, sizeof fds);
    if (receive(g, &m, fds, &fd_count))
        return -1;
    int must_answer = m.flags & NEED_REPLY;
    struct queue *q = m.state.index < QUEUES ? &g->queue[m.state.index] : NULL;
    switch (m.request) {
    case GET_FEATURES:
        m.number = 1ull << 32 | 1ull << 30;     // VERSION_1, PROTOCOL_FEATURES
        reply(g, &m, 8);
        answered = 1;
        break;
    case GET_PROTOCOL_FEATURES:
        m.number = 1ull << 9 | 1ull << 5 | 1ull << 3;   // CONFIG, BACKEND_REQ, REPLY_ACK
        reply(g, &m, 8);
        answered = 1;
        break;
    case GET_QUEUE_NUM:
        m.number = QUEUES;
        reply(g, &m, 8);
        answered = 1;
        break;
    case SET_MEM_TABLE:
        if (map_memory(g, &m, fds, fd_count))
            return -1;
        break;
    case SET_VRING_NUM:
        if (q)
            q->size = m.state.value;
        break;
    case SET_VRING_ADDR:
        if (q) {
            q->desc = translate(g, m.address.desc, 1, 0);
            q->avail = translate(g, m.address.avail, 1, 0);
            q->used = translate(g, m.address.used, 1, 0);
        }
        break;
    case SET_VRING_BASE:
        if (q)
            q->next = m.state.value;
        break;
    case GET_VRING_BASE:
        if (q) {
            m.state.value = q->next;
            q->size = 0;
            reply(g, &m, 8);
            answered = 1;
        }
        break;
    case SET_VRING_KICK:
    case SET_VRING_CALL: {
        unsigned i = m.number & 0xff;
        if (i < QUEUES) {
            int *fd = m.request == SET_VRING_KICK ? &g->queue[i].kick : &g->queue[i].call;
            close_fd(fd);
            *fd = m.number & NO_FD ? -1 : fds[0];
        }
        break;
    }
    case SET_VRING_ERR:
        close_fd(&fds[0]);
        break;
    case SET_REQUEST_CHANNEL:
        g->request_channel = fds[0];
        break;
    case GET_CONFIG:
        answer_config(g, &m);
        answered = 1;
        break;
    }
    if (must_answer && !answered) {
        m.number = 0;
        reply(g, &m, 8);
    }
    return 0;
}

// ---- the loop

static int add_guest(char *argument)
{
    char *colon = strrchr(argument, ':');
    if (!colon || guest_count == MAX_GUESTS)
        return -1;
    *colon = 0;
    struct guest *g = &guests[guest_count++];
    g->cid = strtoull(colon + 1, NULL, 10);
    g->connected = g->request_channel = -1;
    for (int k = 0; k < QUEUES; k++)
        g->queue[k].kick = g->queue[k].call = -1;
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    strncpy(a.sun_path, argument, sizeof a.sun_path - 1);
    unlink(argument);
    g->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(g->listening, (struct sockaddr *)&a, sizeof a) || listen(g->listening, 1)) {
        perror(argument);
        return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    setvbuf(stderr, NULL, _IOLBF, 0);
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-v"))
            verbose = 1;
        else if (add_guest(argv[i])) {
            fprintf(stderr, "usage: %s [-v] SOCKET:CID [SOCKET:CID ...]\n", argv[0]);
            return 2;
        }
    }
    enum { CONTROL = -1, LISTENING = -2 };
    for (;;) {
        struct pollfd p[MAX_GUESTS * (QUEUES + 1)];
        struct { struct guest *guest; int what; } source[MAX_GUESTS * (QUEUES + 1)];
        int n = 0;
        for (int i = 0; i < guest_count; i++) {
            struct guest *g = &guests[i];
            int connected = g->connected >= 0;
            p[n] = (struct pollfd){ connected ? g->connected : g->listening, POLLIN, 0 };
            source[n].guest = g;
            source[n++].what = connected ? CONTROL : LISTENING;
            for (int k = 0; connected && k < QUEUES; k++)
                if (g->queue[k].kick >= 0) {
                    p[n] = (struct pollfd){ g->queue[k].kick, POLLIN, 0 };
                    source[n].guest = g;
                    source[n++].what = k;
                }
        }
        if (poll(p, n, -1) < 0 && errno != EINTR)
            return 1;
        for (int i = 0; i < n; i++) {
            if (!p[i].revents)
                continue;
            struct guest *g = source[i].guest;
            if (source[i].what == LISTENING) {
                g->connected = accept4(g->listening, NULL, NULL, SOCK_CLOEXEC);
                fprintf(stderr, "switch: CID %llu is there\n", (unsigned long long)g->cid);
            } else if (source[i].what == CONTROL) {
                if (handle(g))
                    drop(g);
                break;      // descriptors may have changed
            } else {
                uint64_t kicks;
                if (read(p[i].fd, &kicks, sizeof kicks) < 0 && errno != EAGAIN)
                    perror("kick");
            }
        }
        switch_packets();
    }
}
