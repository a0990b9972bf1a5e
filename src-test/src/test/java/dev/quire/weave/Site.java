package dev.quire.weave;

/**
 * A place in woven code that calls a hook before it calls something else.
 *
 * @param number the hook's argument, from 0 on, in the order of loading
 * @param className where
 * @param method where in the class
 * @param line of the source, 0 if unknown
 * @param call what is called there, class without its package and method
 */
public record Site(int number, String className, String method, int line, String call) {
    /**
     * The same without the number: the same in each run.
     *
     * @return class, method and line, and what is called
     */
    public String place() {
        return simpleName() + ":" + line + " " + call;
    }

    /**
     * The method without its package.
     *
     * @return class and method
     */
    public String simpleName() {
        return className.substring(className.lastIndexOf('.') + 1) + "." + method;
    }

    @Override
    public String toString() {
        return place();
    }
}
