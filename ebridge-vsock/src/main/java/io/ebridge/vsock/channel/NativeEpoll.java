package io.ebridge.vsock.channel;

import io.ebridge.vsock.Availability;
import io.netty.channel.epoll.Epoll;
import java.io.File;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Whether Netty's native epoll can be used, and if not, what is missing. */
final class NativeEpoll {
    private static final Availability ANSWER = find();

    private NativeEpoll() {}

    static Availability availability() {
        return ANSWER;
    }

    private static Availability find() {
        String os = System.getProperty("os.name", "");
        if (!os.toLowerCase(Locale.ROOT).contains("linux")) {
            return Availability.no("epoll needs Linux, and this is " + os);
        }
        if (Boolean.getBoolean("io.netty.transport.noNative")) {
            return Availability.no("Netty's native transports are switched off by -Dio.netty.transport.noNative=true");
        }
        if (!Epoll.isAvailable()) {
            return Availability.no(explain(architecture(), Epoll.unavailabilityCause()));
        }
        return NettyCheck.epoll();
    }

    private static String architecture() {
        String arch = System.getProperty("os.arch", "");
        return switch (arch) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64" -> "aarch_64";
            default -> arch;
        };
    }

    static String explain(String arch, @Nullable Throwable cause) {
        String jar = "netty-transport-native-epoll with classifier linux-" + arch;
        if (!arch.equals("x86_64") && !arch.equals("aarch_64")) {
            return "there is no native epoll for this processor (" + arch + ")";
        }
        String library = "META-INF/native/libnetty_transport_native_epoll_" + arch + ".so";
        if (Epoll.class.getClassLoader().getResource(library) != null) {
            return "the native library of " + jar + " is there but cannot be loaded: " + rootMessage(cause);
        }
        String module = "io.netty.transport.epoll.linux." + arch;
        if (NativeEpoll.class.getModule().isNamed() && onModulePath(module)) {
            return "the module " + module + " is on the module path but nobody requires it: add --add-modules "
                    + module;
        }
        return "the jar " + jar + " is missing"
                + (NativeEpoll.class.getModule().isNamed()
                        ? " (on a module path it also needs --add-modules " + module + ")"
                        : "");
    }

    private static boolean onModulePath(String module) {
        String path = System.getProperty("jdk.module.path", "");
        Path[] entries = Arrays.stream(path.split(File.pathSeparator))
                .filter(p -> !p.isEmpty())
                .map(Path::of)
                .toArray(Path[]::new);
        try {
            return ModuleFinder.of(entries).find(module).isPresent();
        } catch (FindException e) {
            return false;
        }
    }

    private static String rootMessage(@Nullable Throwable cause) {
        Throwable root = cause;
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        return root == null ? "no cause given" : root.toString();
    }
}
