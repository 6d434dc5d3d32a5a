package io.ebridge.kv.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.kv.Servers;
import io.ebridge.kv.spi.HostStore;
import io.ebridge.kv.spi.HostStoreContract;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksHostStoreTest extends HostStoreContract {

    @TempDir
    Path directory;

    @Override
    protected HostStore open() throws Exception {
        return RocksHostStore.open(directory.resolve("db"));
    }

    @Test
    void aSecondOpeningIsAnException() {
        assertThat(store.durable()).isTrue();
        assertThatThrownBy(() -> RocksHostStore.open(directory.resolve("db"))).isInstanceOf(IOException.class);
    }

    /** In a JVM of its own, since the failure this guards against ends the JVM. */
    @Test
    void misuseNeverCrashesTheJvm() throws Exception {
        File log = directory.resolve("log").toFile();
        Process child = new ProcessBuilder(Servers.java(
                        RocksMisuse.class, directory.resolve("misuse").toString(), "5"))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        try {
            assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(child.exitValue()).as(Files.readString(log.toPath())).isZero();
        } finally {
            child.destroyForcibly();
        }
        assertThat(Files.readString(log.toPath())).contains("survived");
    }
}
