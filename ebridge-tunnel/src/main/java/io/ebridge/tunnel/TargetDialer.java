package io.ebridge.tunnel;

import io.ebridge.protocol.Target;
import io.ebridge.vsock.Cid;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Dials a target for an enclave: policy on the name, resolution, policy on every address, then all permitted addresses, the
 * next one {@value #STAGGER_MILLIS} ms after the last or as soon as it fails, until one answers (RFC 8305 section 5, without
 * its sorting: the resolver has sorted).
 */
final class TargetDialer {
    private static final int STAGGER_MILLIS = 250;
    private static final int MAX_ADDRESSES = 16;

    private final Net net;
    private final CachingResolver resolver;
    private final Duration timeout;

    TargetDialer(Net net, CachingResolver resolver, Duration timeout) {
        this.net = net;
        this.resolver = resolver;
        this.timeout = timeout;
    }

    Future<HoldHandler> dial(EventLoop loop, Cid enclave, Target target, EgressPolicy policy) {
        try {
            policy.check(target);
        } catch (BridgeException e) {
            return loop.newFailedFuture(e);
        }
        Attempt attempt = new Attempt(loop, target, policy);
        resolver.resolve(enclave, target)
                .whenComplete((answer, failure) -> attempt.run(() -> {
                    if (failure != null) {
                        attempt.promise.tryFailure(
                                failure instanceof CompletionException && failure.getCause() != null
                                        ? failure.getCause()
                                        : failure);
                    } else {
                        attempt.start(answer);
                    }
                }));
        return attempt.promise;
    }

    /** One target being dialled; event loop only. */
    private final class Attempt {
        private final EventLoop loop;
        private final Target target;
        private final EgressPolicy policy;
        private final Promise<HoldHandler> promise;
        private final Deque<InetSocketAddress> waiting = new ArrayDeque<>();
        private final List<Future<HoldHandler>> running = new ArrayList<>();
        private final Future<?> deadline;
        private @Nullable Future<?> stagger;
        private @Nullable Throwable lastFailure;

        Attempt(EventLoop loop, Target target, EgressPolicy policy) {
            this.loop = loop;
            this.target = target;
            this.policy = policy;
            this.promise = loop.newPromise();
            this.deadline = loop.schedule(
                    () -> promise.tryFailure(new BridgeException(
                            BridgeReason.CONNECT_TIMEOUT, target + " did not answer within " + timeout)),
                    timeout.toMillis(),
                    TimeUnit.MILLISECONDS);
            promise.addListener(done -> stop());
        }

        void run(Runnable action) {
            if (loop.inEventLoop()) {
                action.run();
                return;
            }
            try {
                loop.execute(action);
            } catch (RejectedExecutionException e) {
                promise.tryFailure(e);
            }
        }

        void start(CachingResolver.Answer answer) {
            @Nullable BridgeException refusal = null;
            for (InetAddress address : answer.addresses()) {
                try {
                    permit(address, answer.own().contains(address));
                    if (waiting.size() < MAX_ADDRESSES) {
                        waiting.add(new InetSocketAddress(address, target.port()));
                    }
                } catch (BridgeException e) {
                    refusal = e;
                }
            }
            if (waiting.isEmpty() && refusal != null) {
                promise.tryFailure(refusal);
            } else {
                next();
            }
        }

        private void permit(InetAddress address, boolean own) throws BridgeException {
            policy.check(target, address);
            boolean loopback = AddressKind.of(address).kind() == AddressKind.LOOPBACK;
            if (own && !loopback && !policy.ownAddressAllowed(address, target.port())) {
                throw new BridgeException(
                        BridgeReason.ADDRESS_NOT_ALLOWED,
                        target.host() + " is " + address.getHostAddress() + ", an address of the host itself");
            }
        }

        private void next() {
            if (promise.isDone()) {
                return;
            }
            InetSocketAddress address = waiting.poll();
            if (address == null) {
                if (running.isEmpty()) {
                    promise.tryFailure(lastFailure == null ? new IllegalStateException("No address") : lastFailure);
                }
                return;
            }
            Future<HoldHandler> dialled = net.dialTcp(loop, address, timeout);
            running.add(dialled);
            dialled.addListener(done -> {
                running.remove(dialled);
                if (done.isSuccess()) {
                    if (!promise.trySuccess(dialled.getNow())) {
                        Channels.reset(dialled.getNow().context().channel());
                    }
                } else if (!done.isCancelled()) {
                    lastFailure = done.cause();
                    next();
                }
            });
            if (!waiting.isEmpty() && !promise.isDone()) {
                Future<?> earlier = stagger;
                if (earlier != null) {
                    earlier.cancel(false);
                }
                stagger = loop.schedule(this::next, STAGGER_MILLIS, TimeUnit.MILLISECONDS);
            }
        }

        private void stop() {
            deadline.cancel(false);
            Future<?> timer = stagger;
            if (timer != null) {
                timer.cancel(false);
            }
            waiting.clear();
            for (Future<HoldHandler> other : List.copyOf(running)) {
                other.cancel(false);
            }
        }
    }
}
