package dev.quire.weave;

import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LineNumber;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Weaves the code of one method; used once. */
final class WovenCode implements CodeTransform {
    private final Weaving weaving;
    private final Sites sites;
    private final String className;
    private final String method;
    private final String place;
    private final Set<String> volatiles;
    private int line;
    private int calls;

    /** Objects made and not yet constructed, by what they should have been. */
    private final Map<String, Integer> made = new HashMap<>();

    WovenCode(Weaving weaving, Sites sites, MethodModel method) {
        this.weaving = weaving;
        this.sites = sites;
        ClassModel self = method.parent().orElseThrow();
        className = self.thisClass().asInternalName().replace('/', '.');
        this.method = method.methodName().stringValue() + method.methodType().stringValue();
        place = className + "." + method.methodName().stringValue();
        volatiles =
                self.fields().stream()
                        .filter(field -> field.flags().has(AccessFlag.VOLATILE))
                        .map(field -> field.fieldName().stringValue())
                        .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public void atStart(CodeBuilder code) {
        // Again when the method got too long for short jumps.
        line = 0;
        calls = 0;
        made.clear();
        weaving.start(place)
                .ifPresent(
                        first -> {
                            sites.started(place);
                            first.accept(code);
                        });
    }

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
        switch (element) {
            case LineNumber number -> {
                line = number.line();
                code.with(number);
            }
            case InvokeInstruction call -> call(code, call);
            case InvokeDynamicInstruction call -> reference(code, call);
            case FieldInstruction field -> access(code, field);
            case NewObjectInstruction instruction -> make(code, instruction);
            case MonitorInstruction instruction -> monitor(code, instruction);
            default -> code.with(element);
        }
    }

    private void call(CodeBuilder code, InvokeInstruction call) {
        String owner = call.owner().asInternalName();
        String name = call.name().stringValue();
        calls++;
        if (call.opcode() == Opcode.INVOKESPECIAL) {
            construct(code, call, owner, name);
            return;
        }
        for (Weaving.Before before : weaving.befores(owner, name)) {
            hook(code, before, owner, name);
        }
        List<Weaving.Replace> replaces = weaving.replaces(owner, name);
        if (replaces.isEmpty()) {
            code.with(call);
        } else {
            Weaving.Replace replace = replaces.getFirst();
            boolean isStatic = call.opcode() == Opcode.INVOKESTATIC;
            MethodTypeDesc type = replace.type(name, isStatic, call.typeSymbol());
            code.invokestatic(Weaving.desc(replace.by()), name, type);
        }
        for (Weaving.After after : weaving.afters(owner, name)) {
            if (!call.typeSymbol().returnType().equals(ConstantDescs.CD_long)) {
                throw new IllegalStateException("no long to change: %s.%s".formatted(owner, name));
            }
            code.invokestatic(after.hooks(), after.hook(), Weaving.HOOK_AFTER);
        }
    }

    private void hook(CodeBuilder code, Weaving.Before before, String owner, String name) {
        String simple = owner.substring(owner.lastIndexOf('/') + 1);
        code.loadConstant(sites.number(className, method, calls, line, simple + "." + name));
        code.invokestatic(before.hooks(), before.hook(), Weaving.HOOK);
    }

    private void access(CodeBuilder code, FieldInstruction field) {
        String owner = field.owner().asInternalName();
        String name = field.name().stringValue();
        if (volatiles.contains(name) && owner.replace('/', '.').equals(className)) {
            calls++;
            weaving.beforeVolatiles().ifPresent(before -> hook(code, before, owner, name));
        }
        code.with(field);
    }

    private void make(CodeBuilder code, NewObjectInstruction instruction) {
        String name = instruction.className().asInternalName();
        List<ClassDesc> by = weaving.constructs(name);
        if (by.isEmpty()) {
            code.with(instruction);
        } else {
            made.merge(name, 1, Integer::sum);
            code.new_(by.getFirst());
        }
    }

    private void construct(CodeBuilder code, InvokeInstruction call, String owner, String name) {
        // One that nothing was made for is a subclass's, of its super.
        if (name.equals(ConstantDescs.INIT_NAME) && made.getOrDefault(owner, 0) > 0) {
            made.merge(owner, -1, Integer::sum);
            code.invokespecial(weaving.constructs(owner).getFirst(), name, call.typeSymbol());
        } else {
            code.with(call);
        }
    }

    private void monitor(CodeBuilder code, MonitorInstruction instruction) {
        if (weaving.monitors().isEmpty()) {
            code.with(instruction);
        } else {
            boolean enters = instruction.opcode() == Opcode.MONITORENTER;
            code.invokestatic(
                    weaving.monitors().getFirst(), enters ? "enter" : "exit", WovenClass.MONITOR);
        }
    }

    /** A method reference is a call as well, made later. */
    private void reference(CodeBuilder code, InvokeDynamicInstruction call) {
        List<ConstantDesc> arguments = call.bootstrapArgs();
        ConstantDesc[] woven = arguments.stream().map(this::argument).toArray(ConstantDesc[]::new);
        if (List.of(woven).equals(arguments)) {
            code.with(call);
        } else {
            code.invokedynamic(
                    DynamicCallSiteDesc.of(
                            call.bootstrapMethod(),
                            call.name().stringValue(),
                            call.typeSymbol(),
                            woven));
        }
    }

    private ConstantDesc argument(ConstantDesc argument) {
        if (!(argument instanceof DirectMethodHandleDesc handle)
                || handle.kind() == DirectMethodHandleDesc.Kind.CONSTRUCTOR) {
            return argument;
        }
        String descriptor = handle.owner().descriptorString();
        String owner = descriptor.substring(1, descriptor.length() - 1);
        String name = handle.methodName();
        if (!weaving.befores(owner, name).isEmpty() || !weaving.afters(owner, name).isEmpty()) {
            throw new IllegalStateException(
                    "a hook cannot come with a method reference, only with a call: "
                            + className
                            + "."
                            + method
                            + " refers to "
                            + handle);
        }
        List<Weaving.Replace> replaces = weaving.replaces(owner, name);
        if (replaces.isEmpty()) {
            return argument;
        }
        Weaving.Replace replace = replaces.getFirst();
        MethodTypeDesc type = MethodTypeDesc.ofDescriptor(handle.lookupDescriptor());
        boolean isStatic =
                handle.kind() == DirectMethodHandleDesc.Kind.STATIC
                        || handle.kind() == DirectMethodHandleDesc.Kind.INTERFACE_STATIC;
        return MethodHandleDesc.ofMethod(
                DirectMethodHandleDesc.Kind.STATIC,
                Weaving.desc(replace.by()),
                name,
                replace.type(name, isStatic, type));
    }
}
