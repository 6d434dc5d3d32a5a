package io.ebridge.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Executable;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the module promises to those who build on it. */
class ModuleDescriptorTest {
    private static Path classes() throws URISyntaxException {
        return Path.of(Environment.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    private static ModuleDescriptor descriptor() throws IOException, URISyntaxException {
        try (InputStream in = Files.newInputStream(classes().resolve("module-info.class"))) {
            return ModuleDescriptor.read(in);
        }
    }

    @Test
    void exportsItsRootPackageAndNothingElse() throws Exception {
        ModuleDescriptor descriptor = descriptor();
        assertThat(descriptor.name()).isEqualTo("io.ebridge.protocol");
        assertThat(descriptor.exports())
                .extracting(ModuleDescriptor.Exports::source)
                .containsExactly("io.ebridge.protocol");
        assertThat(descriptor.exports()).noneMatch(ModuleDescriptor.Exports::isQualified);
        assertThat(descriptor.opens()).isEmpty();
        assertThat(descriptor.provides()).isEmpty();
        assertThat(descriptor.uses()).isEmpty();
    }

    @Test
    void requiresNothingButJacksonsCore() throws Exception {
        assertThat(descriptor().requires().stream()
                        .filter(requires -> !requires.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
                        .map(ModuleDescriptor.Requires::name))
                .containsExactlyInAnyOrder("java.base", "com.fasterxml.jackson.core");
        assertThat(descriptor().requires())
                .noneMatch(requires -> requires.modifiers().contains(ModuleDescriptor.Requires.Modifier.TRANSITIVE));
    }

    @Test
    void signaturesHoldNothingButTheJdkAndTheModule() throws Exception {
        List<String> strangers = new ArrayList<>();
        List<Class<?>> types = publicTypes();
        assertThat(types).contains(StateMachine.class, Environment.class, Limits.Builder.class);
        for (Class<?> type : types) {
            Stream<Executable> members = Stream.concat(
                    Arrays.stream(type.getDeclaredMethods()), Arrays.stream(type.getDeclaredConstructors()));
            members.filter(member ->
                            Modifier.isPublic(member.getModifiers()) || Modifier.isProtected(member.getModifiers()))
                    .filter(member -> !foreign(member.toGenericString()).isEmpty())
                    .forEach(member -> strangers.add(member.toGenericString()));
        }
        assertThat(strangers).isEmpty();
    }

    private static Set<String> foreign(String signature) {
        return java.util.regex.Pattern.compile("[a-z]+(?:\\.[a-zA-Z0-9_$]+)+")
                .matcher(signature)
                .results()
                .map(result -> result.group())
                .filter(name -> !name.startsWith("java.") && !name.startsWith("io.ebridge.protocol."))
                .collect(Collectors.toSet());
    }

    private static List<Class<?>> publicTypes() throws Exception {
        List<Class<?>> types = new ArrayList<>();
        try (Stream<Path> files = Files.list(classes().resolve("io/ebridge/protocol"))) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                String name = file.getFileName().toString();
                if (name.endsWith(".class") && !name.startsWith("package-info")) {
                    Class<?> type = Class.forName("io.ebridge.protocol." + name.substring(0, name.length() - 6));
                    if (Modifier.isPublic(type.getModifiers())) {
                        types.add(type);
                    }
                }
            }
        }
        return types;
    }
}
