package dev.quire.weave;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.frame.FrameTable;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** What a table says is what woven code does, and nothing else changes. */
class WeavingTest {
    private static final List<String> HEARD = new ArrayList<>();

    /** What is woven in. */
    public static final class Hooks {
        private Hooks() {}

        public static void reach(int site) {
            HEARD.add("site " + site);
        }

        public static long nanoTime() {
            return 42;
        }

        public static long oneMore(long answer) {
            return answer + 1;
        }

        public static void lock(ReentrantLock lock) {
            HEARD.add("lock");
            lock.lock();
        }

        public static void unlock(Object lock) {
            HEARD.add("unlock");
        }

        public static <T> Set<T> newKeySet() {
            return new CopyOnWriteArraySet<>();
        }

        public static void enter(Object monitor) {
            HEARD.add("enter");
        }

        public static void exit(Object monitor) {
            HEARD.add("exit");
        }
    }

    /** A lock that says what it is. */
    public static final class OtherLock extends ReentrantLock {
        private static final long serialVersionUID = 1L;

        @Override
        public String toString() {
            return "other";
        }
    }

    /** What a test sees of a sample. */
    public interface Trial {
        String run();
    }

    /** Updates through a VarHandle and an atomic class. */
    static final class Updates implements Trial {
        private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
        private final long[] longs = {7};
        private final AtomicInteger count = new AtomicInteger();

        @Override
        public String run() {
            boolean moved = LONGS.compareAndSet(longs, 0, 7L, 8L);
            LONGS.setRelease(longs, 0, longs[0] + 1);
            return moved + " " + longs[0] + " " + count.incrementAndGet();
        }
    }

    /** Calls and references that are replaced. */
    static final class Clock implements Trial {
        private final ReentrantLock lock = new ReentrantLock();

        @Override
        @SuppressWarnings("LockNotBeforeTry") // nothing in between can fail
        public String run() {
            LongSupplier clock = System::nanoTime;
            Runnable locker = lock::lock;
            lock.lock();
            locker.run();
            int holds = lock.getHoldCount();
            lock.unlock();
            lock.unlock();
            return System.nanoTime() + " " + clock.getAsLong() + " " + holds + " " + lock;
        }
    }

    /** A lock with a super constructor and an inner object of the same class. */
    static class Locks extends ReentrantLock implements Trial {
        private static final long serialVersionUID = 1L;
        private final ReentrantLock inner = new ReentrantLock();

        @Override
        public String run() {
            return inner.getClass().getSimpleName() + " " + getClass().getSuperclass().getName();
        }
    }

    /** Monitors of both kinds, one left by an exception. */
    static final class Monitors implements Trial {
        @Override
        public String run() {
            String caught = "";
            try {
                fail(1, "x", 2.0);
            } catch (IllegalStateException e) {
                caught = e.getMessage();
            }
            synchronized (this) {
                return caught + sum(1, 2L, 3.0) + Thread.holdsLock(this);
            }
        }

        private synchronized String fail(long a, String b, double c) {
            throw new IllegalStateException(a + b + c);
        }

        private static synchronized double sum(int a, long b, double c) {
            return a + b + c;
        }
    }

    /** Refers to a method that a hook should come before. */
    static final class Reference implements Trial {
        @Override
        public String run() {
            AtomicInteger count = new AtomicInteger();
            List.of(1, 2).forEach(count::addAndGet);
            return "" + count;
        }
    }

    /** A volatile field, a plain one, and a set that is made elsewhere. */
    static final class Shared implements Trial {
        private volatile int seen;
        private int unseen;

        @Override
        public String run() {
            seen = 1;
            unseen = seen + 1;
            return unseen + " " + name() + " " + ConcurrentHashMap.newKeySet().getClass();
        }

        private String name() {
            return "own";
        }
    }

    @AfterEach
    void forget() {
        HEARD.clear();
    }

    private static WovenLoader loader(Weaving weaving) {
        return new WovenLoader(
                weaving,
                name ->
                        name.startsWith(WeavingTest.class.getName() + "$")
                                && !name.equals(Trial.class.getName())
                                && !name.equals(Hooks.class.getName())
                                && !name.equals(OtherLock.class.getName()),
                name -> true);
    }

    private static Weaving.Builder updates() {
        return Weaving.table().beforeUpdates(Hooks.class, "reach");
    }

    @Test
    void shouldCallAHookBeforeEachUpdate() {
        WovenLoader loader = loader(updates().build());
        assertThat(loader.make(Trial.class, Updates.class).run()).isEqualTo("true 9 1");
        assertThat(HEARD).containsExactly("site 0", "site 1");
        assertThat(loader.sites())
                .extracting(Site::call)
                .containsExactly("VarHandle.compareAndSet", "AtomicInteger.incrementAndGet");
        assertThat(loader.site(0).place()).matches("WeavingTest\\$Updates.run:\\d+ .*");
    }

    @Test
    void shouldCallAHookBeforeEachOrderedStore() {
        WovenLoader loader = loader(Weaving.table().beforeStores(Hooks.class, "reach").build());
        assertThat(loader.make(Trial.class, Updates.class).run()).isEqualTo("true 9 1");
        assertThat(loader.sites()).extracting(Site::call).containsExactly("VarHandle.setRelease");
        assertThat(HEARD).hasSize(1);
    }

    @Test
    void shouldReplaceCallsAndReferences() {
        Weaving weaving =
                Weaving.table()
                        .replace(Hooks.class, System.class, "nanoTime")
                        .replace(Hooks.class, ReentrantLock.class, "lock")
                        .construct(ReentrantLock.class, OtherLock.class)
                        .build();
        assertThat(loader(weaving).make(Trial.class, Clock.class).run()).isEqualTo("42 42 2 other");
        assertThat(HEARD).containsExactly("lock", "lock");
    }

    @Test
    void shouldCallAHookBeforeEachAccessToWhatIsShared() {
        WovenLoader loader = loader(Weaving.table().beforeShared(Hooks.class, "reach").build());
        assertThat(loader.make(Trial.class, Shared.class).run()).startsWith("2 own");
        assertThat(HEARD).hasSize(2);
        assertThat(loader.sites())
                .extracting(Site::call)
                .containsOnly("WeavingTest$Shared.seen")
                .hasSize(2);
    }

    @Test
    void shouldChangeWhatACallAnswersAndNothingElse() {
        Weaving weaving =
                Weaving.table()
                        .after(Hooks.class, "oneMore", LongSupplier.class.getName(), "get.*")
                        .replace(Hooks.class, System.class, "nanoTime")
                        .build();
        assertThat(loader(weaving).make(Trial.class, Clock.class).run()).startsWith("42 43 2");
    }

    @Test
    void shouldRefuseToChangeWhatIsNoLong() {
        Weaving weaving =
                Weaving.table()
                        .after(Hooks.class, "oneMore", ReentrantLock.class.getName(), "getHold.*")
                        .build();
        assertThatThrownBy(() -> loader(weaving).make(Trial.class, Clock.class))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("getHoldCount");
    }

    @Test
    void shouldReplaceACallByOneThatReturnsLess() {
        Weaving weaving =
                Weaving.table().replace(Hooks.class, ConcurrentHashMap.class, "newKeySet").build();
        assertThat(loader(weaving).make(Trial.class, Shared.class).run())
                .isEqualTo("2 own " + CopyOnWriteArraySet.class);
    }

    @Test
    void shouldRefuseToReplaceByAMethodThatIsNotThere() {
        Weaving weaving =
                Weaving.table().replace(Hooks.class, ReentrantLock.class, "unlock").build();
        assertThatThrownBy(() -> loader(weaving).make(Trial.class, Clock.class))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has no unlock(ReentrantLock)void");
    }

    @Test
    void shouldDoSomethingFirstAndNameWhatItDidNotMeet() {
        String place = Shared.class.getName() + ".name";
        String renamed = Shared.class.getName() + ".renamed";
        WovenLoader loader =
                loader(
                        Weaving.table()
                                .atStart(place, code -> code.loadConstant("first").areturn())
                                .atStart(renamed, CodeBuilder::nop)
                                .build());
        assertThat(loader.make(Trial.class, Shared.class).run()).startsWith("2 first");
        assertThat(loader.missing()).containsExactly(renamed);
    }

    @Test
    void shouldAddWhatOverrides() {
        Weaving weaving =
                Weaving.table()
                        .add(
                                Shared.class.getName(),
                                added ->
                                        added.withMethodBody(
                                                "toString",
                                                MethodTypeDesc.of(ConstantDescs.CD_String),
                                                ClassFile.ACC_PUBLIC,
                                                code -> code.loadConstant("added").areturn()))
                        .build();
        assertThat(loader(weaving).make(Trial.class, Shared.class)).hasToString("added");
    }

    @Test
    void shouldMakeASubclassInsteadButLeaveSuperConstructors() {
        Weaving weaving = Weaving.table().construct(ReentrantLock.class, OtherLock.class).build();
        assertThat(loader(weaving).make(Trial.class, Locks.class).run())
                .isEqualTo("OtherLock " + ReentrantLock.class.getName());
        assertThat(loader(Weaving.table().build()).make(Trial.class, Locks.class).run())
                .isEqualTo("ReentrantLock " + ReentrantLock.class.getName());
    }

    @Test
    void shouldReplaceMonitorsAndLeaveThemAfterAnException() {
        Weaving weaving = Weaving.table().monitors(Hooks.class).build();
        assertThat(loader(weaving).make(Trial.class, Monitors.class).run())
                .isEqualTo("1x2.06.0false");
        assertThat(HEARD).containsExactly("enter", "exit", "enter", "enter", "exit", "exit");
    }

    @Test
    void shouldChangeNothingWithoutATable() {
        WovenLoader loader = loader(Weaving.table().build());
        assertThat(loader.make(Trial.class, Monitors.class).run()).isEqualTo("1x2.06.0true");
        assertThat(HEARD).isEmpty();
    }

    @Test
    void shouldRefuseAHookBeforeAReference() {
        assertThatThrownBy(() -> loader(updates().build()).make(Trial.class, Reference.class))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Reference.run")
                .hasMessageContaining("addAndGet");
    }

    @Test
    void shouldRefuseAHookThatIsNone() {
        assertThatThrownBy(() -> Weaving.table().beforeUpdates(Hooks.class, "nanoTime"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("public static void nanoTime(int)");
    }

    @Test
    void shouldLoadAWholeModule() {
        WovenLoader loader =
                new WovenLoader(
                        updates().before(Hooks.class, "reach", FrameTable.class, "update").build(),
                        name -> name.startsWith("dev.quire.allocator."),
                        name -> true);
        loader.loadAllBeside(PageAllocator.class);
        assertThat(loader.sites())
                .extracting(Site::place)
                .anyMatch(place -> place.matches("FrameTable.update:\\d+ .*compareAndExchange"))
                .anyMatch(place -> place.matches("FrameTable.tryPin:\\d+ FrameTable.update"));
    }
}
