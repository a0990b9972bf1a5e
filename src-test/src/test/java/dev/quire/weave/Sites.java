package dev.quire.weave;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Numbers the places of one loader that call a hook, and knows what else was found. Thread-safe.
 */
final class Sites {
    private final List<Site> sites = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Set<String> started = new HashSet<>();

    /** The number of a place, always the same: a method may be woven twice, if it gets long. */
    synchronized int number(String className, String method, int ordinal, int line, String call) {
        return numbers.computeIfAbsent(
                className + "." + method + "#" + ordinal,
                key -> {
                    int number = sites.size();
                    String name = method.substring(0, method.indexOf('('));
                    sites.add(new Site(number, className, name, line, call));
                    return number;
                });
    }

    /** A method in which something came first. */
    synchronized void started(String place) {
        started.add(place);
    }

    synchronized Set<String> started() {
        return Set.copyOf(started);
    }

    synchronized Site site(int number) {
        return sites.get(number);
    }

    synchronized List<Site> all() {
        return List.copyOf(sites);
    }
}
