package io.ebridge.protocol;

import io.ebridge.protocol.InvalidEnvironmentException.Problem;
import io.ebridge.protocol.InvalidEnvironmentException.Reason;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads an {@link Environment} into a record, one variable for each component.
 *
 * <p><b>Names.</b> A component's name is split where a capital begins a word, and upper-cased: {@code port} is read from {@code PORT},
 * {@code logLevel} from {@code LOG_LEVEL}, {@code kmsURLPath} from {@code KMS_URL_PATH}, {@code s3Bucket} from {@code S3_BUCKET}. A
 * {@linkplain #prefix prefix} is put in front. {@link Variable @Variable} gives the full name instead.
 *
 * <p><b>Types</b> and what their values look like:
 *
 * <table>
 * <caption>Types of components</caption>
 * <tr><th>type</th><th>value</th></tr>
 * <tr><td>{@code String}</td><td>anything, also nothing</td></tr>
 * <tr><td>{@code int}, {@code long}, {@code Integer}, {@code Long}</td><td>decimal digits, perhaps with {@code -} in front</td></tr>
 * <tr><td>{@code boolean}, {@code Boolean}</td><td>{@code true} or {@code false}, in any case</td></tr>
 * <tr><td>{@link java.time.Duration}</td><td>{@code 500ms}, {@code 30s}, {@code 5m}, {@code 2h}, {@code 7d} ({@code ns} and {@code us}
 *     too), or ISO-8601 as in {@code PT1M30S}; not negative</td></tr>
 * <tr><td>{@link java.net.URI}</td><td>an absolute URI</td></tr>
 * <tr><td>an enum</td><td>a constant's name in any case, {@code -} for {@code _} allowed</td></tr>
 * <tr><td>{@code Optional} of any of these objects</td><td>the same</td></tr>
 * </table>
 *
 * <p><b>Absent variables.</b> A variable that is not there counts as absent, and so does an empty one unless the type is {@code String} or
 * {@code Optional<String>}. Then the component takes, in this order, {@link Variable#orElse()}, the value in the
 * {@linkplain #defaults defaults}, or for an {@code Optional} nothing; else it is a problem.
 *
 * <p>All problems are reported together, by an {@link InvalidEnvironmentException} that names variables and shows no value.
 *
 * @param <R> the record's type
 */
public final class EnvironmentReader<R extends Record> {
    private final Environment environment;
    private final Class<R> type;
    private final MethodHandles.@Nullable Lookup lookup;
    private String prefix = "";
    private @Nullable R defaults;

    EnvironmentReader(Environment environment, Class<R> type, MethodHandles.@Nullable Lookup lookup) {
        this.environment = environment;
        this.type = Objects.requireNonNull(type, "type");
        this.lookup = lookup;
    }

    /**
     * Puts a prefix in front of the names that come from components' names.
     *
     * @param namePrefix the prefix, such as {@code APP_}
     * @return this reader
     */
    public EnvironmentReader<R> prefix(String namePrefix) {
        prefix = Objects.requireNonNull(namePrefix, "namePrefix");
        return this;
    }

    /**
     * Takes the values of absent variables from a record.
     *
     * @param values the record
     * @return this reader
     */
    public EnvironmentReader<R> defaults(R values) {
        defaults = Objects.requireNonNull(values, "values");
        return this;
    }

    /**
     * Reads the record.
     *
     * @return the record
     * @throws InvalidEnvironmentException if variables are missing or malformed, or the record's constructor refuses them
     * @throws IllegalArgumentException if a component is of a type that cannot be read, or the record is not accessible
     */
    public R read() {
        RecordComponent[] components = type.getRecordComponents();
        if (components == null) {
            throw new IllegalArgumentException(type.getName() + " is not a record");
        }
        Object[] values = new Object[components.length];
        List<Problem> problems = new ArrayList<>();
        for (int i = 0; i < components.length; i++) {
            try {
                values[i] = component(components[i]);
            } catch (ProblemException e) {
                problems.add(e.problem);
            }
        }
        if (!problems.isEmpty()) {
            throw new InvalidEnvironmentException(type.getSimpleName(), problems, null);
        }
        return construct(components, values);
    }

    private @Nullable Object component(RecordComponent component) throws ProblemException {
        Variable variable = component.getAnnotation(Variable.class);
        boolean named = variable != null && !variable.value().isEmpty();
        String name = named ? variable.value() : prefix + variableName(component.getName());
        boolean optional = component.getType() == Optional.class;
        Class<?> kind = optional ? argument(component) : component.getType();
        if (!ValueParser.supports(kind)) {
            throw new IllegalArgumentException(
                    "component " + component.getName() + " of " + type.getName() + " has a type that cannot be read");
        }
        String text = environment
                .get(name)
                .filter(value -> kind == String.class || !value.isEmpty())
                .orElse(null);
        if (text == null && variable != null && variable.orElse().length > 0) {
            text = variable.orElse()[0];
        }
        if (text != null) {
            Object value = ValueParser.parse(kind, text);
            if (value == null) {
                throw new ProblemException(
                        new Problem(name, Reason.MALFORMED, name + " must be " + ValueParser.expectation(kind)));
            }
            return optional ? Optional.of(value) : value;
        }
        if (defaults != null) {
            return invoke(handle(() -> access().unreflect(component.getAccessor())), defaults);
        }
        if (optional) {
            return Optional.empty();
        }
        throw new ProblemException(new Problem(name, Reason.MISSING, name + " is not set"));
    }

    private Class<?> argument(RecordComponent component) {
        if (component.getGenericType() instanceof ParameterizedType generic) {
            Type argument = generic.getActualTypeArguments()[0];
            if (argument instanceof Class<?> kind) {
                return kind;
            }
        }
        return Void.class;
    }

    static String variableName(String component) {
        StringBuilder out = new StringBuilder(component.length() + 8);
        for (int i = 0; i < component.length(); i++) {
            char c = component.charAt(i);
            if (i > 0 && Character.isUpperCase(c)) {
                char before = component.charAt(i - 1);
                boolean wordFollows = i + 1 < component.length() && Character.isLowerCase(component.charAt(i + 1));
                if (before != '_' && (!Character.isUpperCase(before) || wordFollows)) {
                    out.append('_');
                }
            }
            out.append(c);
        }
        return out.toString().toUpperCase(Locale.ROOT);
    }

    private R construct(RecordComponent[] components, Object[] values) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        MethodHandle constructor =
                handle(() -> access().findConstructor(type, MethodType.methodType(void.class, types)));
        return type.cast(Objects.requireNonNull(invoke(constructor, values)));
    }

    /** Runs the record's own code; what it refuses is a problem of the environment. */
    private @Nullable Object invoke(MethodHandle handle, @Nullable Object... arguments) {
        try {
            return handle.invokeWithArguments(arguments);
        } catch (Error e) {
            throw e;
        } catch (Throwable e) {
            Problem problem = new Problem("", Reason.REJECTED, "the record refused the values");
            throw new InvalidEnvironmentException(type.getSimpleName(), List.of(problem), e);
        }
    }

    private MethodHandles.Lookup access() throws IllegalAccessException {
        if (lookup != null) {
            return lookup;
        }
        getClass().getModule().addReads(type.getModule());
        Class<?> caller = getClass();
        return type.getModule().isOpen(type.getPackageName(), caller.getModule())
                ? MethodHandles.privateLookupIn(type, MethodHandles.lookup())
                : MethodHandles.lookup();
    }

    private MethodHandle handle(HandleSource source) {
        try {
            return source.get();
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(
                    type.getName() + " is not accessible: make it public in an exported package, open its package to "
                            + getClass().getModule().getName() + ", or give reader(...) a MethodHandles.lookup()",
                    e);
        }
    }

    private interface HandleSource {
        MethodHandle get() throws ReflectiveOperationException;
    }

    private static final class ProblemException extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Problem problem;

        ProblemException(Problem problem) {
            super(null, null, false, false);
            this.problem = problem;
        }
    }
}
