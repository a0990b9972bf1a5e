package dev.quire.faults;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Puts the questions to {@link Injector} and {@link NativeSeam} into classes. */
final class Weaver {
    private static final ClassDesc INJECTOR = desc("dev.quire.faults.Injector");
    private static final ClassDesc SEAM = desc("dev.quire.faults.NativeSeam");
    private static final ClassDesc LINKER = desc("java.lang.foreign.Linker");
    private static final ClassDesc LOOKUP = desc("java.lang.foreign.SymbolLookup");
    private static final String ARENA = "java/lang/foreign/Arena";
    private static final MethodTypeDesc ASKS = MethodTypeDesc.of(ConstantDescs.CD_boolean);
    private static final MethodTypeDesc TELLS = MethodTypeDesc.of(ConstantDescs.CD_void);

    /** What is done first in a method, by its class and name. */
    private static final Map<String, Consumer<CodeBuilder>> ENTRIES =
            Map.of(
                    "dev.quire.allocator.PageAllocator.takeCached", noFrame(),
                    "dev.quire.allocator.FrameSupply.take", noFrame(),
                    "dev.quire.allocator.FrameSupply.takeUnmovable", noFrame(),
                    "dev.quire.allocator.FrameSupply.takeBetween", noFrame(),
                    "dev.quire.allocator.FrameSupply.takeBatch", answer("frame", 0),
                    "dev.quire.pagecache.space.Chunk.insert", answer("slot", 0),
                    "dev.quire.pagecache.space.Chunk.<init>", refusal("chunk"),
                    "dev.quire.aio.os.Uring.result", completion());

    /** A class of threads: its start may be refused. */
    private static final String THREADS = "dev.quire.aio.IoThread";

    private final ClassFile classFile;
    private final Set<String> woven = ConcurrentHashMap.newKeySet();

    Weaver(ClassLoader types) {
        classFile =
                ClassFile.of(
                        ClassFile.ClassHierarchyResolverOption.of(
                                ClassHierarchyResolver.ofResourceParsing(types)
                                        .orElse(ClassHierarchyResolver.defaultResolver())));
    }

    byte[] weave(String name, byte[] bytes) {
        ClassModel model = classFile.parse(bytes);
        ClassTransform transform =
                (builder, element) -> {
                    if (element instanceof MethodModel method) {
                        String key = name + "." + method.methodName().stringValue();
                        builder.transformMethod(
                                method, MethodTransform.transformingCode(code(key)));
                    } else {
                        builder.with(element);
                    }
                };
        if (name.equals(THREADS)) {
            transform = transform.andThen(ClassTransform.endHandler(Weaver::start));
        }
        return classFile.transformClass(model, transform);
    }

    /** What of {@link #ENTRIES} was found; the rest was renamed. */
    Set<String> missing() {
        Set<String> missing = new HashSet<>(ENTRIES.keySet());
        missing.removeAll(woven);
        return missing;
    }

    private CodeTransform code(String key) {
        Consumer<CodeBuilder> entry = ENTRIES.get(key);
        return new CodeTransform() {
            @Override
            public void atStart(CodeBuilder code) {
                if (entry != null) {
                    woven.add(key);
                    entry.accept(code);
                }
            }

            @Override
            public void accept(CodeBuilder code, CodeElement element) {
                if (element instanceof InvokeInstruction call) {
                    call(code, call);
                } else {
                    code.with(element);
                }
            }
        };
    }

    private static void call(CodeBuilder code, InvokeInstruction call) {
        String owner = call.owner().asInternalName();
        String method = call.name().stringValue();
        if (owner.equals("java/lang/foreign/Linker") && method.equals("downcallHandle")) {
            code.invokestatic(SEAM, method, call.typeSymbol().insertParameterTypes(0, LINKER));
        } else if (owner.equals("java/lang/foreign/SymbolLookup") && method.equals("find")) {
            code.invokestatic(SEAM, method, call.typeSymbol().insertParameterTypes(0, LOOKUP));
        } else {
            if (owner.equals(ARENA) && method.startsWith("allocate")) {
                code.invokestatic(INJECTOR, "arena", TELLS);
            }
            code.with(call);
        }
    }

    private static void start(ClassBuilder type) {
        type.withMethodBody(
                "start",
                TELLS,
                ClassFile.ACC_PUBLIC,
                code ->
                        code.invokestatic(INJECTOR, "thread", TELLS)
                                .aload(0)
                                .invokespecial(desc("java.lang.Thread"), "start", TELLS)
                                .return_());
    }

    private static Consumer<CodeBuilder> noFrame() {
        return answer("frame", -1);
    }

    private static Consumer<CodeBuilder> refusal(String what) {
        return code -> code.invokestatic(INJECTOR, what, TELLS);
    }

    private static Consumer<CodeBuilder> answer(String question, int value) {
        return code -> {
            Label goOn = code.newLabel();
            code.invokestatic(INJECTOR, question, ASKS)
                    .ifeq(goOn)
                    .loadConstant(value)
                    .ireturn()
                    .labelBinding(goOn)
                    .nop();
        };
    }

    private static Consumer<CodeBuilder> completion() {
        MethodTypeDesc number = MethodTypeDesc.of(ConstantDescs.CD_int);
        return code -> {
            Label goOn = code.newLabel();
            code.invokestatic(INJECTOR, "completion", number)
                    .dup()
                    .ifeq(goOn)
                    .ireturn()
                    .labelBinding(goOn)
                    .pop();
        };
    }

    private static ClassDesc desc(String name) {
        return ClassDesc.of(name);
    }
}
