package dev.quire.weave;

import static java.lang.classfile.ClassFile.ACC_PRIVATE;
import static java.lang.classfile.ClassFile.ACC_STATIC;
import static java.lang.classfile.ClassFile.ACC_SYNCHRONIZED;
import static java.lang.classfile.ClassFile.ACC_SYNTHETIC;

import java.lang.classfile.AccessFlags;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/** Weaves each method of a class, and takes synchronized methods apart. */
final class WovenClass implements ClassTransform {
    static final MethodTypeDesc MONITOR =
            MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_Object);

    private final Weaving weaving;
    private final Sites sites;

    WovenClass(Weaving weaving, Sites sites) {
        this.weaving = weaving;
        this.sites = sites;
    }

    @Override
    public void accept(ClassBuilder builder, ClassElement element) {
        if (!(element instanceof MethodModel method) || method.code().isEmpty()) {
            builder.with(element);
        } else if (method.flags().has(java.lang.reflect.AccessFlag.SYNCHRONIZED)
                && !weaving.monitors().isEmpty()) {
            takeApart(builder, method);
        } else {
            builder.transformMethod(
                    method,
                    (code, part) -> {
                        if (part instanceof CodeModel body) {
                            code.transformCode(body, new WovenCode(weaving, sites, method));
                        } else {
                            code.with(part);
                        }
                    });
        }
    }

    /** What was inside the monitor becomes a method of its own. */
    private void takeApart(ClassBuilder builder, MethodModel method) {
        String inside = method.methodName().stringValue() + "$inside";
        int flags = method.flags().flagsMask();
        builder.withMethod(
                inside,
                method.methodTypeSymbol(),
                (flags & ACC_STATIC) | ACC_PRIVATE | ACC_SYNTHETIC,
                code ->
                        code.transformCode(
                                method.code().orElseThrow(),
                                new WovenCode(weaving, sites, method)));
        builder.withMethod(
                method.methodName(),
                method.methodType(),
                flags & ~ACC_SYNCHRONIZED,
                around -> {
                    for (var part : method) {
                        if (!(part instanceof CodeModel) && !(part instanceof AccessFlags)) {
                            around.with(part);
                        }
                    }
                    around.withCode(code -> around(code, method, inside));
                });
    }

    private void around(CodeBuilder code, MethodModel method, String inside) {
        ClassDesc self = method.parent().orElseThrow().thisClass().asSymbol();
        boolean isStatic = (method.flags().flagsMask() & ACC_STATIC) != 0;
        monitor(code, self, isStatic, "enter");
        code.trying(
                held -> {
                    if (!isStatic) {
                        held.aload(held.receiverSlot());
                    }
                    MethodTypeDesc type = method.methodTypeSymbol();
                    for (int i = 0; i < type.parameterCount(); i++) {
                        TypeKind kind = TypeKind.from(type.parameterType(i));
                        held.loadLocal(kind, held.parameterSlot(i));
                    }
                    if (isStatic) {
                        held.invokestatic(self, inside, type);
                    } else {
                        held.invokevirtual(self, inside, type);
                    }
                    monitor(held, self, isStatic, "exit");
                    held.return_(TypeKind.from(type.returnType()));
                },
                failed ->
                        failed.catchingAll(
                                thrown -> {
                                    monitor(thrown, self, isStatic, "exit");
                                    thrown.athrow();
                                }));
    }

    private void monitor(CodeBuilder code, ClassDesc self, boolean isStatic, String hook) {
        if (isStatic) {
            code.loadConstant(self);
        } else {
            code.aload(code.receiverSlot());
        }
        code.invokestatic(weaving.monitors().getFirst(), hook, MONITOR);
    }
}
