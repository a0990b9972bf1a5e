package dev.quire.progress;

import dev.quire.weave.Weaving;
import dev.quire.weave.WovenLoader;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;

/**
 * Where a puppet may be held up: before each update of what threads share, each ordered store, and
 * each entry and exit of a lock. Where Quire has one method for an update that many make, each call
 * of it is a point, too.
 */
final class Points {
    private static final String HOOK = "reach";

    private static final String SPACE = "dev.quire.pagecache.space.";

    /** Sleeps while a flag of a frame is set: tells the frame. */
    static final String SLEEP = "FrameWaits.await";

    /** Who sleeps for a page does so inside: tells the file's name, and the page. */
    static final String WAIT = "CacheContext.awaitAny";

    /**
     * Who takes a page out, or moves it, is inside one of these; and which of their arguments is
     * the frame that he has locked.
     */
    static final Map<String, Integer> TRANSITIONS =
            Map.of(
                    "Removal.tryEvict", 0,
                    "Removal.tryEvictListed", 0,
                    "Removal.tryInvalidate", 2,
                    "Relocation.migrate", 2, // from
                    "Relocation.migrateLocked", 3); // to

    /** Waits while the memory of slots is given back: tells their window, and a page. */
    static final String MAKE_SLOTS = "SlotWindow.make";

    /** Gives it back: tells the window, and the first page. */
    static final String DROP_SLOTS = "SlotWindow.drop";

    private Points() {}

    /** Loads classes whose names begin so, and scenes. */
    static WovenLoader loader(String... prefixes) {
        return new WovenLoader(
                weaving(),
                name ->
                        name.startsWith("dev.quire.progress.scene.")
                                || Arrays.stream(prefixes).anyMatch(name::startsWith),
                name -> name.startsWith("dev.quire."));
    }

    private static Weaving weaving() {
        Weaving.Builder table = Weaving.table();
        TRANSITIONS.forEach(
                (method, frame) ->
                        table.atStart(SPACE + method, code -> tellFrame(code, method, frame)));
        return table.atStart("dev.quire.pagecache.core." + SLEEP, code -> tellFrame(code, SLEEP, 0))
                .atStart(SPACE + WAIT, Points::tellPageOfFile)
                .atStart(SPACE + MAKE_SLOTS, code -> tell(code, MAKE_SLOTS, 0, TypeKind.LONG))
                .atStart(SPACE + DROP_SLOTS, Points::tellPageOfChunk)
                .beforeUpdates(Puppet.class, HOOK)
                .beforeStores(Puppet.class, HOOK)
                .before(
                        Puppet.class,
                        HOOK,
                        "dev.quire.allocator.frame.FrameTable",
                        "update|replace|move|tryGet|tryPin|tryLock|tryFreeze|set|clear|unfreeze")
                .before(
                        Puppet.class,
                        HOOK,
                        "dev.quire.allocator.zone.PaddedLongs",
                        "cas|add|swap|setRelease")
                .before(Puppet.class, HOOK, "dev.quire.allocator.zone.Rows", "cas|set")
                .before(
                        Puppet.class,
                        HOOK,
                        "dev.quire.pagecache.space.Slots",
                        "compareAndSet|publish|beginStores")
                .before(
                        Puppet.class,
                        HOOK,
                        "dev.quire.pagecache.space.Chunk",
                        "insert|clear|publish|beginStores|markDirty|unmarkDirty|tryClose")
                .before(Puppet.class, HOOK, ReentrantLock.class, "lock|tryLock|unlock")
                .before(
                        Puppet.class,
                        HOOK,
                        "dev.quire.pagecache.core.BriefLock",
                        "lock|tryLock|tryLockNow|unlock")
                .before(
                        Puppet.class,
                        HOOK,
                        "dev.quire.pagecache.lru.ListLock",
                        "lock|tryLock|unlock|leave")
                .replace(Waits.class, Thread.class, "onSpinWait|yield")
                .replace(Waits.class, ThreadFactory.class, "newThread")
                .replace(Waits.class, LockSupport.class, "park|parkNanos")
                .construct(ReentrantLock.class, SteppedLock.class)
                .construct(StampedLock.class, SteppedStampedLock.class)
                .monitors(Waits.class)
                .build();
    }

    // ---- what methods say when they begin

    private static final MethodTypeDesc ENTER =
            MethodTypeDesc.of(
                    ConstantDescs.CD_void,
                    ConstantDescs.CD_String,
                    ConstantDescs.CD_Object,
                    ConstantDescs.CD_long);

    private static void enter(CodeBuilder code) {
        code.invokestatic(Puppet.class.describeConstable().orElseThrow(), "enter", ENTER);
    }

    /** Whose method it is, and one of its arguments, an int or a long. */
    private static void tell(CodeBuilder code, String method, int argument, TypeKind kind) {
        code.loadConstant(method);
        code.aload(code.receiverSlot());
        code.loadLocal(kind, code.parameterSlot(argument));
        code.conversion(kind, TypeKind.LONG);
        enter(code);
    }

    private static void tellFrame(CodeBuilder code, String method, int argument) {
        tell(code, method, argument, TypeKind.INT);
    }

    /** Of {@code awaitAny(space, page, frame, flags)}. */
    private static void tellPageOfFile(CodeBuilder code) {
        code.loadConstant(WAIT);
        code.aload(code.parameterSlot(0));
        code.invokevirtual(
                ClassDesc.of(SPACE + "AddressSpace"),
                "name",
                MethodTypeDesc.of(ConstantDescs.CD_String));
        code.lload(code.parameterSlot(1));
        enter(code);
    }

    /** Of {@code drop(chunk)}. */
    private static void tellPageOfChunk(CodeBuilder code) {
        code.loadConstant(DROP_SLOTS);
        code.aload(code.receiverSlot());
        code.aload(code.parameterSlot(0));
        code.invokevirtual(
                ClassDesc.of(SPACE + "Chunk"),
                "firstPage",
                MethodTypeDesc.of(ConstantDescs.CD_long));
        enter(code);
    }
}
