package dev.quire.progress;

import java.util.List;

/**
 * What a few actors do to one thing, each of them a puppet, and what others must be able to do to
 * it wherever the actors are held up. Of a class that is loaded woven. All that is random comes
 * from one seed.
 */
public interface Scene extends AutoCloseable {
    /**
     * Sets the scene.
     *
     * @param seed of all that follows
     * @param actors how many
     */
    void open(long seed, int actors);

    /**
     * One operation of an actor, which may be held up anywhere in it.
     *
     * @param actor 0..actors-1
     */
    void act(int actor);

    /**
     * What an actor is doing, in words.
     *
     * @param actor 0..actors-1
     * @return one line
     */
    String doing(int actor);

    /**
     * What others do while the actors are held up, one after the other; fails if too little comes
     * of it.
     *
     * @return in their order
     */
    List<Probe> probes();

    /** Ends what is under way outside, and what an actor may wait for. */
    default void ease() {}

    /** All actors have ended their operations: everything is given back, and adds up. */
    @Override
    void close();
}
