package dev.quire.aio.os;

/**
 * What a ring's kernel can do for it. What is missing is done without.
 *
 * @param fixedFiles files are known by an index; Linux 5.5
 * @param fixedMemory memory can be registered and replaced; Linux 5.13
 * @param registeredRing the ring itself is known by an index; Linux 5.18
 * @param timedSleep a sleep can end at a time; Linux 5.11
 * @param cancel an entry can be called off; Linux 5.5
 * @param allocate space can be allocated and given back; Linux 5.6
 * @param ownerRunsEvents events are posted only when the owner asks; Linux 6.1
 * @param submissionPolling a thread of the kernel's submits
 * @param completionPolling events are fetched from the device
 */
public record RingCapabilities(
        boolean fixedFiles,
        boolean fixedMemory,
        boolean registeredRing,
        boolean timedSleep,
        boolean cancel,
        boolean allocate,
        boolean ownerRunsEvents,
        boolean submissionPolling,
        boolean completionPolling) {}
