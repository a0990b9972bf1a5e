package dev.quire.allocator.debug;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

class InternTableTest {
    @Test
    void shouldGiveEqualValuesOneNumber() {
        InternTable<String> table = new InternTable<>(2);
        int a = table.intern("a");
        assertThat(table.intern(String.valueOf(new char[] {'a'}))).isEqualTo(a);
        assertThat(table.intern("b")).isNotEqualTo(a).isPositive();
        assertThat(table.value(a)).isEqualTo("a");
        assertThat(table.size()).isEqualTo(2);
    }

    @Test
    void shouldSayThatItIsFullAndStillKnowWhatItHas() {
        InternTable<String> table = new InternTable<>(1);
        int a = table.intern("a");
        assertThat(table.intern("b")).isEqualTo(InternTable.FULL);
        assertThat(table.intern("c")).isEqualTo(InternTable.FULL);
        assertThat(table.intern("a")).isEqualTo(a);
        assertThat(table.size()).isEqualTo(1);
        assertThat(table.value(InternTable.FULL)).isNull();
        assertThat(table.value(InternTable.NONE)).isNull();
    }

    @Test
    void shouldAgreeOnTheNumbersOfManyThreads() throws Exception {
        InternTable<String> table = new InternTable<>(4096);
        Callable<List<Integer>> task =
                () -> {
                    List<Integer> ids = new ArrayList<>();
                    for (int i = 0; i < 1000; i++) {
                        ids.add(table.intern("value " + i));
                    }
                    return ids;
                };
        try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
            List<Future<List<Integer>>> answers = pool.invokeAll(List.of(task, task, task, task));
            List<Integer> first = answers.getFirst().get();
            assertThat(first).doesNotHaveDuplicates().doesNotContain(InternTable.FULL);
            for (Future<List<Integer>> answer : answers) {
                assertThat(answer.get()).isEqualTo(first);
            }
            for (int i = 0; i < 1000; i++) {
                assertThat(table.value(first.get(i))).isEqualTo("value " + i);
            }
        }
    }
}
