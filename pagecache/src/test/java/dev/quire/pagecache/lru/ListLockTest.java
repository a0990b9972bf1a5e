package dev.quire.pagecache.lru;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.Running;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Who finds the lists taken leaves what he wants changed. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ListLockTest {
    private static final int BAD = -1;

    private final List<Integer> made = new ArrayList<>();

    private void make(int change) {
        if (change == BAD) {
            throw new IllegalStateException("on purpose");
        }
        made.add(change);
    }

    private static <C> void leaveFromAnotherThread(ListLock<C> lists, C change) throws Exception {
        Running.run(() -> lists.leave(change)).get();
    }

    @Test
    void shouldMakeWhatWasLeftWhenTheListsAreGivenBack() throws Exception {
        ListLock<Integer> lists = new ListLock<>(this::make);
        lists.lock();
        for (int i = 0; i < 200; i++) { // more than are made at a time
            leaveFromAnotherThread(lists, i);
        }
        assertThat(made).isEmpty();
        lists.unlock();
        assertThat(made).hasSize(200);
        lists.leave(200);
        assertThat(made).as("nobody has them: at once").hasSize(201);
    }

    /** Whoever gives the lists back did not ask for the change, and cannot mend it. */
    @Test
    void shouldGoOnWhenAChangeFails() throws Exception {
        ListLock<Integer> lists = new ListLock<>(this::make);
        lists.lock();
        leaveFromAnotherThread(lists, 1);
        leaveFromAnotherThread(lists, BAD);
        leaveFromAnotherThread(lists, 2);
        lists.unlock();
        assertThat(made).containsExactly(1, 2);
        assertThat(Running.start(lists::tryLock).get()).as("nobody has the lists").isTrue();
    }

    @Test
    void shouldMakeAChangeItselfThatCannotBeLeft() throws Exception {
        Queue<Integer> full =
                new ConcurrentLinkedQueue<>() {
                    @Override
                    public boolean add(Integer change) {
                        throw new OutOfMemoryError("on purpose");
                    }
                };
        ListLock<Integer> lists = new ListLock<>(this::make, full);
        lists.lock();
        Running<Boolean> waiting = Running.run(() -> lists.leave(1));
        assertThat(made).isEmpty();
        lists.unlock();
        waiting.get();
        assertThat(made).containsExactly(1);
        assertThatThrownBy(() -> lists.leave(BAD))
                .as("his own change")
                .isInstanceOf(IllegalStateException.class);
        assertThat(Running.start(lists::tryLock).get()).as("nobody has the lists").isTrue();
    }
}
