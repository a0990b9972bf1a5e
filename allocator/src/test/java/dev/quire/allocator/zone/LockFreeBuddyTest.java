package dev.quire.allocator.zone;

class LockFreeBuddyTest extends BuddyZoneContract {
    @Override
    BuddyZone create(int frameCount) {
        return new LockFreeBuddy(frameCount);
    }
}
