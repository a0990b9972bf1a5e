package dev.quire.aio.os;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;

final class ErrnoTest {
    @Test
    void shouldNameEveryNumberItDeclares() throws IllegalAccessException {
        int named = 0;
        for (Field field : Errno.class.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getInt(null) != Errno.NONE) {
                assertThat(Errno.name(field.getInt(null))).isEqualTo(field.getName());
                named++;
            }
        }
        assertThat(named).isGreaterThan(25);
    }

    @Test
    void shouldAnswerAWordForNumbersWithoutAName() {
        assertThat(Errno.name(Errno.NONE)).isEqualTo("UNKNOWN");
        assertThat(Errno.name(9999)).isEqualTo("errno");
    }

    @Test
    void shouldTellShortagesThatPassFromFailuresThatStay() {
        assertThat(Errno.passes(Errno.ENOSPC)).isTrue();
        assertThat(Errno.passes(Errno.EAGAIN)).isTrue();
        assertThat(Errno.passes(Errno.EIO)).isFalse();
        assertThat(Errno.passes(Errno.NONE)).isFalse();
    }

    @Test
    void shouldReadTheNumberFromAMessageOfNio() {
        assertThat(Errno.ofMessage("No space left on device")).isEqualTo(Errno.ENOSPC);
        assertThat(Errno.ofMessage("something else")).isEqualTo(Errno.NONE);
        assertThat(Errno.ofMessage(null)).isEqualTo(Errno.NONE);
    }
}
