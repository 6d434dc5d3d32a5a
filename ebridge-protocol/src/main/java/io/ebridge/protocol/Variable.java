package io.ebridge.protocol;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Says which variable a record component is read from, or what it is when the variable is absent. See {@link EnvironmentReader}. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Variable {
    /**
     * The variable's full name, to which no prefix is added.
     *
     * @return the name; empty to derive it from the component's
     */
    String value() default "";

    /**
     * What is read when the variable is absent, in the same form as a variable's value.
     *
     * @return one value, or none if the variable is required
     */
    String[] orElse() default {};
}
