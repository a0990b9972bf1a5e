package dev.quire.lincheck;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;

/** How hard Lincheck looks: in seconds, unless {@code -Dlincheck.scale} says how much harder. */
public final class Lincheck {
    private static final int SCALE = Integer.getInteger("lincheck.scale", 1);

    private Lincheck() {}

    private static ModelCheckingOptions modelChecking() {
        return new ModelCheckingOptions()
                .iterations(8 * SCALE)
                .invocationsPerIteration(200)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(2)
                .actorsAfter(1);
    }

    /** Interleavings chosen one by one, as if memory were sequentially consistent. */
    public static void modelCheck(Class<?> test, Class<?> model) {
        modelChecking().sequentialSpecification(model).check(test);
    }

    /** Real threads, real memory. */
    public static void stress(Class<?> test, Class<?> model) {
        new StressOptions()
                .iterations(3 * SCALE)
                .invocationsPerIteration(500)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(2)
                .actorsAfter(1)
                .sequentialSpecification(model)
                .check(test);
    }

    /** A canary: fails unless Lincheck fails. */
    public static void expectToBeFound(Class<?> broken, Class<?> model) {
        assertThatThrownBy(
                        () ->
                                modelChecking()
                                        .iterations(60)
                                        .sequentialSpecification(model)
                                        .check(broken))
                .isInstanceOf(LincheckAssertionError.class);
    }
}
