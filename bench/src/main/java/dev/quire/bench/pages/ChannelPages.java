package dev.quire.bench.pages;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A channel: each access is a system call that copies out of the kernel's cache, or into it. */
final class ChannelPages implements PageSubject {
    private final PageFile file;

    ChannelPages(int pages) throws IOException {
        file = new PageFile(pages);
    }

    @Override
    public PageAccess access() {
        return new Access(file.channel(), PageFile.buffer(PAGE_BYTES), PageFile.buffer(Long.BYTES));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private record Access(FileChannel channel, ByteBuffer copy, ByteBuffer word)
            implements PageAccess {
        @Override
        public long read(long page) throws IOException {
            load(page);
            return copy.getLong(0);
        }

        /** Only what changes. */
        @Override
        public void write(long page, long value) throws IOException {
            word.clear().putLong(0, value);
            channel.write(word, page * PAGE_BYTES);
        }

        @Override
        public long sum(long page) throws IOException {
            load(page);
            return PageFile.sum(copy);
        }

        private void load(long page) throws IOException {
            channel.read(copy.clear(), page * PAGE_BYTES);
        }
    }
}
