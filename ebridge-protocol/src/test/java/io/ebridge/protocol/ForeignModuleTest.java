package io.ebridge.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Reads the environment into records of another named module, as an application on the module path does. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForeignModuleTest {
    private static final Environment ENVIRONMENT = Environment.of(Map.of("PORT", "8080"));

    private ClassLoader app = ClassLoader.getSystemClassLoader();

    @BeforeAll
    void compileAnApplication(@TempDir Path temp) throws Exception {
        assumeTrue(Environment.class.getModule().isNamed(), "on the class path there are no modules to cross");
        Path sources = temp.resolve("src");
        Path classes = temp.resolve("classes");
        List<Path> files = List.of(
                write(
                        sources.resolve("module-info.java"),
                        "module app { requires io.ebridge.protocol; exports app.exported; opens app.opened; }"),
                write(
                        sources.resolve("app/exported/Exported.java"),
                        "package app.exported; public record Exported(int port) {}"),
                write(sources.resolve("app/opened/Opened.java"), "package app.opened; record Opened(int port) {}"),
                write(sources.resolve("app/closed/Closed.java"), "package app.closed; record Closed(int port) {}"),
                write(
                        sources.resolve("app/exported/Entry.java"),
                        "package app.exported; public class Entry implements java.util.function.Function<io.ebridge.protocol.Environment, Record>"
                                + " { private record Hidden(int port) {}"
                                + " public Record apply(io.ebridge.protocol.Environment e) {"
                                + " return e.reader(Hidden.class, java.lang.invoke.MethodHandles.lookup()).read(); } }"));
        StringWriter messages = new StringWriter();
        PrintWriter out = new PrintWriter(messages);
        String modules = location(Environment.class) + java.io.File.pathSeparator + location(JsonFactory.class);
        List<String> arguments = new java.util.ArrayList<>(List.of("-d", classes.toString(), "--module-path", modules));
        files.forEach(file -> arguments.add(file.toString()));
        int status = ToolProvider.findFirst("javac").orElseThrow().run(out, out, arguments.toArray(String[]::new));
        assertThat(status).as(messages.toString()).isZero();

        ModuleLayer parent = Environment.class.getModule().getLayer();
        Configuration configuration =
                parent.configuration().resolve(ModuleFinder.of(classes), ModuleFinder.of(), Set.of("app"));
        ModuleLayer layer = parent.defineModulesWithOneLoader(configuration, Environment.class.getClassLoader());
        app = layer.findLoader("app");
        // The loader reads lazily and the directory goes away after this method.
        for (String name : List.of(
                "app.exported.Exported",
                "app.opened.Opened",
                "app.closed.Closed",
                "app.exported.Entry",
                "app.exported.Entry$Hidden")) {
            app.loadClass(name);
        }
    }

    private static Path write(Path file, String text) throws Exception {
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static Path location(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private Class<? extends Record> record(String name) throws ClassNotFoundException {
        return app.loadClass(name).asSubclass(Record.class);
    }

    @Test
    void aPublicRecordOfAnExportedPackageIsRead() throws Exception {
        assertThat(ENVIRONMENT.as(record("app.exported.Exported"))).hasToString("Exported[port=8080]");
    }

    @Test
    void anyRecordOfAnOpenPackageIsRead() throws Exception {
        assertThat(ENVIRONMENT.as(record("app.opened.Opened"))).hasToString("Opened[port=8080]");
    }

    @Test
    void anyOtherRecordNeedsALookupAndTheMessageSaysSo() throws Exception {
        Class<? extends Record> closed = record("app.closed.Closed");
        assertThatThrownBy(() -> ENVIRONMENT.as(closed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("open its package to io.ebridge.protocol");
    }

    @Test
    @SuppressWarnings("unchecked")
    void aPrivateRecordIsReadWithALookup() throws Exception {
        Object entry =
                app.loadClass("app.exported.Entry").getDeclaredConstructor().newInstance();
        assertThat(((Function<Environment, Record>) entry).apply(ENVIRONMENT)).hasToString("Hidden[port=8080]");
    }
}
