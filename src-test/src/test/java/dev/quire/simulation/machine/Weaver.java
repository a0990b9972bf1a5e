package dev.quire.simulation.machine;

import org.jspecify.annotations.Nullable;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicCallSiteDesc;
import java.lang.constant.MethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Changes classes of the library so that they live in a simulation: calls of the clock, of timed
 * waits, of monitors and of what names threads go to {@link SimulatedCalls}, and before every
 * access that others can see (VarHandles, atomic classes, volatile fields) there is a point at
 * which another thread may get in between.
 */
final class Weaver {
    private static final ClassDesc CALLS = ClassDesc.of(SimulatedCalls.class.getName());
    private static final MethodTypeDesc VOID = MethodTypeDesc.of(ConstantDescs.CD_void);
    private static final ClassDesc KEY_SET =
            ClassDesc.of("java.util.concurrent.ConcurrentHashMap$KeySetView");
    private static final MethodTypeDesc MONITOR =
            MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_Object);
    private static final String POOL = "java/util/concurrent/ThreadPoolExecutor";
    private static final ClassDesc SIMULATED_POOL = ClassDesc.of(SimulatedPool.class.getName());
    private static final String THREAD = "java/lang/Thread";

    /** Classes of the library that are threads: calls of theirs name them as their owner. */
    private static final Set<String> THREADS = Set.of("dev/quire/aio/IoThread");

    private final Map<String, MethodTypeDesc> replaced = new HashMap<>();
    private final ClassFile classFile;

    Weaver(ClassLoader classes) {
        classFile =
                ClassFile.of(
                        ClassFile.ClassHierarchyResolverOption.of(
                                ClassHierarchyResolver.ofResourceParsing(classes)
                                        .orElse(ClassHierarchyResolver.defaultResolver())));
        of("java/lang/System", true, "nanoTime", "currentTimeMillis");
        of("java/util/concurrent/locks/LockSupport", true, "parkNanos", "unpark");
        of(THREAD, true, "onSpinWait", "currentThread");
        of(THREAD, false, "threadId", "isVirtual", "start", "isAlive", "join");
        of("java/util/concurrent/ConcurrentHashMap", true, "newKeySet");
        of("java/lang/Runtime", false, "availableProcessors");
        of("java/util/concurrent/locks/ReentrantLock", false, "newCondition");
    }

    private void of(String owner, boolean isStatic, String... names) {
        for (Method method : SimulatedCalls.class.getMethods()) {
            if (Modifier.isStatic(method.getModifiers())
                    && Arrays.asList(names).contains(method.getName())) {
                MethodTypeDesc type =
                        MethodTypeDesc.of(
                                method.getReturnType().describeConstable().orElseThrow(),
                                Arrays.stream(method.getParameterTypes())
                                        .map(c -> c.describeConstable().orElseThrow())
                                        .toArray(ClassDesc[]::new));
                MethodTypeDesc original = isStatic ? type : type.dropParameterTypes(0, 1);
                if (method.getName().equals("newKeySet")) {
                    original = original.changeReturnType(KEY_SET);
                }
                replaced.put(key(owner, method.getName(), original), type);
            }
        }
    }

    private static String key(String owner, String name, MethodTypeDesc type) {
        return (THREADS.contains(owner) ? THREAD : owner) + "." + name + type.descriptorString();
    }

    byte[] weave(byte[] original) {
        ClassModel model = classFile.parse(original);
        String self = model.thisClass().asInternalName();
        Set<String> seenByOthers = new HashSet<>();
        model.fields().stream()
                .filter(field -> field.flags().has(AccessFlag.VOLATILE))
                .forEach(field -> seenByOthers.add(field.fieldName().stringValue()));
        CodeTransform body = (code, element) -> weave(code, element, self, seenByOthers);
        return classFile.transformClass(
                model,
                (builder, element) -> {
                    if (element instanceof MethodModel method) {
                        weave(builder, model.thisClass().asSymbol(), method, body);
                    } else {
                        builder.with(element);
                    }
                });
    }

    private static void weave(
            ClassBuilder builder, ClassDesc self, MethodModel method, CodeTransform body) {
        if (!method.flags().has(AccessFlag.SYNCHRONIZED)) {
            builder.transformMethod(method, MethodTransform.transformingCode(body));
            return;
        }
        int flags = method.flags().flagsMask() & ~ClassFile.ACC_SYNCHRONIZED;
        String name = method.methodName().stringValue();
        String inside = name + "$inside";
        MethodTypeDesc type = method.methodTypeSymbol();
        builder.withMethod(
                inside,
                type,
                ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL,
                made -> made.transformCode(method.code().orElseThrow(), body));
        builder.withMethodBody(name, type, flags, code -> callInside(code, self, inside, type));
    }

    /** The rest of a synchronized method: its monitor, and the call of what was its body. */
    private static void callInside(
            CodeBuilder code, ClassDesc self, String inside, MethodTypeDesc type) {
        code.aload(0).invokestatic(CALLS, "monitorEnter", MONITOR);
        code.trying(
                tried -> {
                    tried.aload(0);
                    for (int i = 0; i < type.parameterCount(); i++) {
                        tried.loadLocal(
                                TypeKind.from(type.parameterType(i)), tried.parameterSlot(i));
                    }
                    tried.invokevirtual(self, inside, type);
                    tried.aload(0).invokestatic(CALLS, "monitorExit", MONITOR);
                    tried.return_(TypeKind.from(type.returnType()));
                },
                caught ->
                        caught.catchingAll(
                                handler ->
                                        handler.aload(0)
                                                .invokestatic(CALLS, "monitorExit", MONITOR)
                                                .athrow()));
    }

    private void weave(
            CodeBuilder code, CodeElement element, String self, Set<String> seenByOthers) {
        switch (element) {
            case InvokeInstruction call -> {
                String owner = call.owner().asInternalName();
                if (owner.equals("java/lang/invoke/VarHandle")
                        || owner.startsWith("java/util/concurrent/atomic/")) {
                    code.invokestatic(CALLS, "point", VOID);
                }
                String name = call.name().stringValue();
                MethodTypeDesc type =
                        call.opcode() == Opcode.INVOKESPECIAL
                                ? null
                                : replaced.get(key(owner, name, call.typeSymbol()));
                if (owner.equals(POOL) && name.equals("<init>")) {
                    code.invokespecial(SIMULATED_POOL, name, call.typeSymbol());
                } else if (type == null) {
                    code.with(call);
                } else {
                    code.invokestatic(CALLS, name, type);
                }
            }
            case NewObjectInstruction made when made.className().asInternalName().equals(POOL) ->
                    code.new_(SIMULATED_POOL);
            case FieldInstruction field -> {
                if (field.owner().asInternalName().equals(self)
                        && seenByOthers.contains(field.name().stringValue())) {
                    code.invokestatic(CALLS, "point", VOID);
                }
                code.with(field);
            }
            case InvokeDynamicInstruction dynamic -> {
                List<ConstantDesc> arguments =
                        dynamic.bootstrapArgs().stream().map(this::replaced).toList();
                code.invokedynamic(
                        DynamicCallSiteDesc.of(
                                dynamic.bootstrapMethod(),
                                dynamic.name().stringValue(),
                                dynamic.typeSymbol(),
                                arguments.toArray(ConstantDesc[]::new)));
            }
            case MonitorInstruction monitor ->
                    code.invokestatic(
                            CALLS,
                            monitor.opcode() == Opcode.MONITORENTER
                                    ? "monitorEnter"
                                    : "monitorExit",
                            MONITOR);
            default -> code.with(element);
        }
    }

    /** References to methods, as System::nanoTime. */
    private ConstantDesc replaced(ConstantDesc argument) {
        if (argument instanceof DirectMethodHandleDesc handle) {
            String descriptor = handle.owner().descriptorString();
            String owner = descriptor.substring(1, descriptor.length() - 1);
            MethodTypeDesc type = replacement(owner, handle);
            if (type != null) {
                return MethodHandleDesc.ofMethod(
                        DirectMethodHandleDesc.Kind.STATIC, CALLS, handle.methodName(), type);
            }
        }
        return argument;
    }

    private @Nullable MethodTypeDesc replacement(String owner, DirectMethodHandleDesc handle) {
        return handle.lookupDescriptor().startsWith("(")
                ? replaced.get(
                        key(
                                owner,
                                handle.methodName(),
                                MethodTypeDesc.ofDescriptor(handle.lookupDescriptor())))
                : null;
    }
}
