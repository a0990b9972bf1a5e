package dev.quire.faults;

import dev.quire.weave.Weaving;
import dev.quire.weave.WovenLoader;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where the library, and the scenes that use it, ask {@link Injector}, {@link NativeSeam}, {@link
 * ChannelSeam} and {@link ArenaSeam}.
 */
final class Questions {
    private static final ClassDesc INJECTOR = ClassDesc.of(Injector.class.getName());
    private static final MethodTypeDesc TELLS = MethodTypeDesc.of(ConstantDescs.CD_void);
    private static final List<String> WOVEN =
            List.of(
                    "dev.quire.allocator.",
                    "dev.quire.aio.",
                    "dev.quire.pagecache.",
                    "dev.quire.faults.scene.");

    private Questions() {}

    /** A loader that has loaded nothing yet. */
    static WovenLoader loader() {
        return new WovenLoader(
                weaving(), name -> WOVEN.stream().anyMatch(name::startsWith), name -> true);
    }

    private static Weaving weaving() {
        return Weaving.table()
                .replace(NativeSeam.class, Linker.class, "downcallHandle")
                .replace(NativeSeam.class, SymbolLookup.class, "find")
                .replace(
                        ChannelSeam.class,
                        FileChannel.class,
                        "open|read|write|force|size|truncate|close")
                .replace(ArenaSeam.class, Arena.class, "ofConfined|ofShared")
                .before(Injector.class, "arena", Arena.class, "allocate.*")
                .add("dev.quire.aio.IoThread", Questions::start)
                .atStart("dev.quire.allocator.PageAllocator.takeCached", answer("frame", -1))
                .atStart("dev.quire.allocator.FrameSupply.take", answer("frame", -1))
                .atStart("dev.quire.allocator.FrameSupply.takeUnmovable", answer("frame", -1))
                .atStart("dev.quire.allocator.FrameSupply.takeBetween", answer("frame", -1))
                .atStart("dev.quire.allocator.FrameSupply.takeBatch", answer("frame", 0))
                .atStart("dev.quire.pagecache.space.Chunk.insert", answer("slot", 0))
                .atStart("dev.quire.pagecache.space.Chunk.<init>", refusal("chunk"))
                .atStart(
                        "dev.quire.pagecache.space.ChunkDirectory.putIfAbsent",
                        refusal("directory"))
                .atStart("dev.quire.pagecache.space.Translation.makeWindow", refusal("window"))
                .atStart("dev.quire.pagecache.core.FrameWaits.await", refusal("waiter"))
                .atStart("dev.quire.aio.FileRequests.beginUse", refusal("submit"))
                .atStart("dev.quire.aio.os.Uring.result", result("completion"))
                .after(
                        Injector.class,
                        "transferred",
                        "dev.quire.aio.RawFile",
                        "(read|write)(Vector)?")
                .build();
    }

    /** Its start may be refused, also by an executor of the JDK. */
    private static void start(ClassBuilder thread) {
        thread.withMethodBody(
                "start",
                TELLS,
                ClassFile.ACC_PUBLIC,
                code ->
                        code.invokestatic(INJECTOR, "thread", TELLS)
                                .aload(0)
                                .invokespecial(ClassDesc.of("java.lang.Thread"), "start", TELLS)
                                .return_());
    }

    /** Ends with a value when the answer is yes. */
    private static Consumer<CodeBuilder> answer(String question, int value) {
        MethodTypeDesc asks = MethodTypeDesc.of(ConstantDescs.CD_boolean);
        return code -> {
            Label goOn = code.newLabel();
            code.invokestatic(INJECTOR, question, asks)
                    .ifeq(goOn)
                    .loadConstant(value)
                    .ireturn()
                    .labelBinding(goOn)
                    .nop();
        };
    }

    /** Ends with what the answer is, unless that is 0. */
    private static Consumer<CodeBuilder> result(String question) {
        MethodTypeDesc asks = MethodTypeDesc.of(ConstantDescs.CD_int);
        return code -> {
            Label goOn = code.newLabel();
            code.invokestatic(INJECTOR, question, asks)
                    .dup()
                    .ifeq(goOn)
                    .ireturn()
                    .labelBinding(goOn)
                    .pop();
        };
    }

    /** May throw. */
    private static Consumer<CodeBuilder> refusal(String question) {
        return code -> code.invokestatic(INJECTOR, question, TELLS);
    }
}
